/** Before the first test: the service's page as it stands in the sources, built if need be. */
import { ensureServicePage } from '../../scripts/page.ts'

export default async function setup(): Promise<void> {
  await ensureServicePage()
}
