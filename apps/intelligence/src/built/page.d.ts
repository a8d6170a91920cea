/**
 * What `npm run build` of the app makes of src/page: page.js beside this file, which is not under version control.
 */

/** The whole page: one HTML document that loads nothing else. It asks the service that it came from. */
export const pageHtml: string

/** The hashes of its one script and its one style sheet, as a Content-Security-Policy spells them, without quotes. */
export const scriptHash: string
export const styleHash: string

/** The strictest policy that the page works under; `frame-ancestors` is in it, so it must be sent as a header. */
export const contentSecurityPolicy: string

/** Of all sources that went into it: says whether it is current. */
export const sourceHash: string
