import { chromium } from '@arcface/testing/chromium'
import { Random } from '@arcface/vision'
import type { BrowserContext } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { beforeEachTab, type Tab, type Tabs } from '../testing/tabs.js'

/** Faces of a call. */
const FACES = 40
/** How often a tab is ended in the middle of its calls. */
const ROUNDS = 8

describe.skipIf(!chromium)('a gallery of several tabs, in Chromium', () => {
  let tabs: Tabs
  let tab: Tab
  let context: BrowserContext
  beforeEachTab((opened, first, profile) => {
    ;[tabs, tab, context] = [opened, first, profile]
  })

  it('loses nothing and doubles nothing where two write at once, and tells them', async () => {
    const other = await tabs.open()
    const listen = 'globalThis.told = 0; gallery.addEventListener("change", () => told++)'
    await Promise.all([tab, other].map((one) => one.run(listen)))
    // Half of the faces are those of the other tab too.
    const write = `
      const calls = Array.from({ length: 30 }, (_, i) => {
        const seed = i % 2 ? i : i + 100 * given
        return gallery.add([{ person: 'p' + (i % 7), embedding: face(seed), source: given + '-' + i }])
      })
      const described = gallery.describe('p0', { groups: ['of ' + given] })
      return (await Promise.all([...calls, described])).slice(0, -1).flat()`
    const added = await Promise.all(
      [tab, other].map((one, i) => one.run<{ added: boolean }[]>(write, i + 1)),
    )
    expect(added.flat().filter((one) => one.added)).toHaveLength(45)
    const seen = `
      const people = await gallery.people()
      const faces = (await Promise.all(people.map(({ name }) => gallery.faces(name)))).flat()
      return { people, stats: await gallery.stats(), ids: faces.map(({ id }) => id).sort() }`
    const [here, there] = await Promise.all(
      [tab, other].map((one) => one.run<Record<string, object>>(seen)),
    )
    expect(here).toEqual(there)
    expect(here).toMatchObject({ stats: { people: expect.any(Number), faces: 45 } })
    expect(new Set(here!.ids as string[]).size).toBe(45)
    const [p0] = here!.people as { name: string; groups: string[] }[]
    expect(p0).toMatchObject({ name: 'p0', groups: [expect.stringMatching(/^of [12]$/)] })
    expect(await tab.run('return told')).toBeGreaterThanOrEqual(45)
    expect(await other.run('return told')).toBeGreaterThanOrEqual(45)
    // What one has written the other finds, at once.
    await tab.run(`await gallery.add([{ person: 'new', embedding: face(999) }])`)
    const who = await other.run('return gallery.identify(face(999))')
    expect(who).toMatchObject({ matches: [{ name: 'new' }], searched: { faces: 46 } })
    await other.run(`await gallery.delete(['new'])`)
    expect(await tab.run('return gallery.identify(face(999), { threshold: 0.9 })')).toMatchObject({
      matches: [],
      searched: { faces: 45 },
    })
  }, 60_000)

  it('has each call as a whole or not at all where its tab is closed or crashes, and every one that was acknowledged', async () => {
    const random = new Random(5)
    const acknowledged = new Set<number>()
    let call = 0
    await context.exposeFunction('acknowledge', (one: number) => acknowledged.add(one))
    let written = 0
    for (let round = 0; round < ROUNDS; round++) {
      const before = acknowledged.size
      const running = tab
        .run<number>(
          `for (let call = given; ; call++) {
            globalThis.call = call
            await gallery.add(Array.from({ length: ${FACES} }, (_, i) => ({
              person: 'p' + call, embedding: face(${FACES} * call + i), source: 'call ' + call, thumbnail: new Uint8Array(2000).fill(i),
            })))
            await acknowledge(call)
          }`,
          call,
        )
        .catch(() => {})
      // However busy the computer is, something was written; then anywhere in what comes next.
      await expect.poll(() => acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(before)
      await new Promise((resolve) => setTimeout(resolve, random.below(100)))
      if (round % 2) {
        const session = await context.newCDPSession(tab.page)
        const crashed = tab.page.waitForEvent('crash')
        session.send('Page.crash').catch(() => {})
        await crashed
      }
      await tab.page.close()
      await running
      tab = await tabs.open()
      const found = await tab.run<{ people: { name: string; faces: number }[]; pictures: number }>(`
        const people = await gallery.people()
        const ids = (await Promise.all(people.map(({ name }) => gallery.faces(name)))).flat().map(({ id }) => id)
        return { people, pictures: (await gallery.thumbnails(ids)).size }`)
      const calls = new Set(found.people.map(({ name }) => Number(name.slice(1))))
      expect(found.people.map(({ faces }) => faces)).toEqual(Array(calls.size).fill(FACES))
      expect(found.pictures).toBe(FACES * calls.size)
      for (const one of acknowledged) expect(calls).toContain(one)
      written = calls.size
      call = Math.max(-1, ...calls) + 1
    }
    // Each round at most one was written of which nobody was told.
    expect(written - acknowledged.size).toBeLessThanOrEqual(ROUNDS)
  }, 180_000)

  it('goes on with enrolling photographs where the tab was closed in the middle: none that was acknowledged is lost, none doubled', async () => {
    const acknowledged = new Set<string>()
    await context.exposeFunction('acknowledge', (id: string) => acknowledged.add(id))
    const enroll = `
      const photo = (seed) => {
        const canvas = new OffscreenCanvas(320, 240)
        let state = seed + 1
        const noise = Uint8ClampedArray.from({ length: 320 * 240 * 4 }, (_, i) => i % 4 === 3 ? 255 : (state = (state * 48271) % 2147483647) >> 8 & 255)
        canvas.getContext('2d').putImageData(new ImageData(noise, 320, 240), 0, 0)
        return canvas.convertToBlob()
      }
      return Promise.all(Array.from({ length: 20 }, async (_, i) => {
        const { id } = await recognizer.enroll(await photo(i), { person: 'p' + (i % 5) })
        await acknowledge(id)
        return id
      }))`
    for (const enough of [1, 5, 11]) {
      const open = await tabs.open('quality: false')
      const running = open.run(enroll).catch(() => {})
      await expect.poll(() => acknowledged.size, { timeout: 30_000 }).toBeGreaterThanOrEqual(enough)
      await open.page.close()
      await running
      const ids = `return (await Promise.all((await gallery.people()).map(({ name }) => gallery.faces(name)))).flat().map(({ id }) => id)`
      expect(await tab.run(ids)).toEqual(expect.arrayContaining([...acknowledged]))
    }
    const last = await tabs.open('quality: false')
    const ids = await last.run<string[]>(enroll)
    expect(new Set(ids).size).toBe(20)
    expect(await tab.run('return gallery.stats()')).toMatchObject({ people: 5, faces: 20 })
  }, 120_000)
})
