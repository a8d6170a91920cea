/** For apps with a page of their own beside the dashboard: served as strictly, and opened by the same cookie. */
export { BuiltPage, type PageModule } from './handler/built-page.ts'
export { isSame, isSession, newSession, sessionCookie, sessionsIn } from './handler/session.ts'
export { isSecure } from './handler/visitor.ts'
