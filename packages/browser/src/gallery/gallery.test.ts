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

  it('deletes who is due by consent or retention, but not by a clock that went back', async () => {
    const found = await tab.run(`
      const at = (hours) => new Date(Date.now() + hours * 3600e3)
      const consent = { basis: 'consent', at: at(-9) }
      await gallery.add([
        { person: 'kept', embedding: face(1), consent },
        { person: 'later', embedding: face(2), retainUntil: at(1) },
        { person: 'expired', embedding: face(3), consent: { ...consent, expires: at(-1) } },
        { person: 'over', embedding: face(4), retainUntil: at(-2) },
      ])
      const told = (due) => due.map(({ name, faces, by, at }) => [name, faces, by, at instanceof Date])
      const behind = await gallery.sweep({ now: at(-1) }).catch(({ code }) => code)
      return {
        behind,
        dry: told(await gallery.sweep({ dryRun: true })),
        left: (await gallery.count()).people,
        swept: told(await gallery.sweep()),
        again: await gallery.sweep(),
        people: (await gallery.people()).map(({ name }) => name),
        soon: told(await gallery.sweep({ now: at(2) })),
        far: told(await gallery.sweep({ now: at(-99), trustClock: true })),
      }`)
    const due = [
      ['over', 1, 'retention', true],
      ['expired', 1, 'consent', true],
    ]
    expect(found).toEqual({
      ...{ behind: 'BROWSER_GALLERY_CLOCK', dry: due, left: 4, swept: due, again: [] },
      ...{ people: ['kept', 'later'], soon: [['later', 1, 'retention', true]], far: [] },
    })
  })
})
