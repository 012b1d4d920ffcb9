import { expect, it } from 'vitest'
import { startStudio } from '../testing/studio.js'
import { PAGES } from './pages.js'

it('are each handed out at their address by the server, and below it', async () => {
  const studio = await startStudio()
  try {
    const root = await (await fetch(studio.url)).text()
    expect(root).toContain('<div id="app">')
    for (const { path } of PAGES)
      for (const place of [path, `${path}/below`])
        expect(await (await fetch(`${studio.url}${place}`)).text(), place).toBe(root)
  } finally {
    await studio.close()
  }
})
