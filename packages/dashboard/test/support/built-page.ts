/** Before the first test: the page as it stands in the sources, built if need be. */
import { ensurePage } from '../../scripts/page.ts'

export default async function setup(): Promise<void> {
  await ensurePage()
}
