import { chromium } from '@arcface/testing/chromium'
import { describe, expect, it } from 'vitest'
import { beforeEachTab, type Tab, type Tabs } from '../testing/tabs.js'

describe.skipIf(!chromium)('the gallery of a page, in Chromium', () => {
  let tabs: Tabs
  let tab: Tab
  beforeEachTab((opened, first) => {
    tabs = opened
    tab = first
  })

  it('keeps people and faces from one visit to the next, and finds them', async () => {
    const enrolled = await tab.run(`
      return gallery.add([
        { person: 'Ada', embedding: face(1), groups: ['staff'], metadata: { badge: 7 }, source: 'a.jpg', thumbnail: Uint8Array.of(255, 216, 1) },
        { person: 'Ada', embedding: face(2) },
        { person: 'Grace', embedding: face(3) },
        { person: ' Grace ', embedding: face(3) },
      ])`)
    expect(enrolled).toMatchObject([
      { added: true },
      { added: true },
      { added: true },
      { added: false },
    ])
    await tab.page.close()
    tab = await tabs.open()
    const found = await tab.run(`
      const first = (await gallery.faces('Ada')).find(({ source }) => source)
      return {
        stats: await gallery.stats(),
        people: await gallery.people(),
        first: { ...first, picture: [...await gallery.thumbnail(first.id)] },
        staff: await gallery.people({ groups: ['staff'] }),
        who: await gallery.identify(face(1), { top: 2 }),
        among: await gallery.identify(face(3), { filter: { groups: ['staff'] }, threshold: (searched) => searched.faces / 4 }),
        nobody: await gallery.identify(face(9), { threshold: 0.5 }),
      }`)
    expect(found).toMatchObject({
      stats: { people: 2, faces: 3, encrypted: true, model: { dim: 128 } },
      people: [
        { name: 'Ada', faces: 2, groups: ['staff'], metadata: { badge: 7 } },
        { name: 'Grace', faces: 1, groups: [], metadata: {} },
      ],
      first: { person: 'Ada', source: 'a.jpg', photo: null, picture: [255, 216, 1] },
      staff: [{ name: 'Ada' }],
      who: {
        threshold: null,
        searched: { people: 2, faces: 3 },
        matches: [{ name: 'Ada' }, { name: 'Grace' }],
      },
      among: { threshold: 0.5, searched: { people: 1, faces: 2 }, matches: [] },
      nobody: { matches: [] },
    })
    const { who } = found as { who: { matches: { similarity: number }[] } }
    expect(who.matches[0]!.similarity).toBeCloseTo(1, 6)
  })
})
