import { expect, it, vi } from 'vitest'
import { startStudio } from '../testing/studio.js'

it('are each handed out at their address by the server, and below it', async () => {
  const studio = await startStudio()
  // What they are made of asks where the page is from.
  vi.stubGlobal('location', new URL(studio.url))
  try {
    const { PAGES } = await import('./pages.js')
    expect(PAGES.length).toBeGreaterThan(5)
    const root = await (await fetch(studio.url)).text()
    expect(root).toContain('<div id="app">')
    for (const { path } of PAGES)
      for (const place of [path, `${path}/below`])
        expect(await (await fetch(`${studio.url}${place}`)).text(), place).toBe(root)
  } finally {
    await studio.close()
  }
})
