import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, openProfile } from '@arcface/testing/chromium'
import type { BrowserContext } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { beforeEachTab, OTHER, openTabs, type Tab, type Tabs } from '../testing/tabs.js'

/** Statements that give all that a database holds as it lies there: keys, and bytes as text. */
const RECORDS = `
  const db = await new Promise((resolve) => {
    const opening = indexedDB.open('arcface-gallery-people')
    opening.onsuccess = () => resolve(opening.result)
  })
  const stores = ['about', 'people', 'faces', 'thumbnails']
  const all = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })`

const READ = `${RECORDS}
  const text = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  const found = {}
  for (const store of stores) found[store] = (await all(db.transaction(store).objectStore(store).getAll()))
    .map((one) => one instanceof Uint8Array ? text(one) : JSON.stringify(one))
  db.close()
  return found`

const ADA = `await gallery.add([{ person: 'Ada Lovelace', embedding: face(1), groups: ['countess'],
  metadata: { secret: 'metadatum' }, source: 'album/ada.jpg', photo: 'c0ffee'.repeat(10) + 'c0ff', thumbnail: new TextEncoder().encode('a picture') }]);`

type Records = Record<'about' | 'people' | 'faces' | 'thumbnails', string[]>

describe.skipIf(!chromium)('what a gallery stores, in Chromium', () => {
  let tabs: Tabs
  let tab: Tab
  let context: BrowserContext
  beforeEachTab((opened, first, profile) => {
    ;[tabs, tab, context] = [opened, first, profile]
  })

  /** A face's embedding as it would lie on the disk. */
  const bytes = (of: Tab) =>
    of.run<string>(
      'return Array.from(new Uint8Array(face(1).buffer), (byte) => String.fromCharCode(byte)).join("")',
    )
  const secrets = ['Lovelace', 'countess', 'metadatum', 'album', 'c0ffee', 'a picture', '"print"']

  it('is unreadable in the database, and its key is told to no script', async () => {
    const records = await tab.run<Records>(`${ADA} ${READ}`)
    const { about, ...sealed } = records
    expect(Object.values(sealed).map(({ length }) => length)).toEqual([1, 1, 1])
    const all = JSON.stringify(records)
    for (const secret of [...secrets, (await bytes(tab)).slice(0, 16)])
      expect(all).not.toContain(JSON.stringify(secret).slice(1, -1))
    expect(JSON.parse(about[0]!)).toMatchObject({ format: 1, encrypted: true, model: { dim: 128 } })
    // A vector of its own for the same face once more.
    const again = await tab.run<Records>(`await gallery.destroy(); ${ADA} ${READ}`)
    expect(again.faces[0]!.slice(0, 12)).not.toBe(records.faces[0]!.slice(0, 12))
    const exported = await tab.run(`${RECORDS}
      const { key } = await all(db.transaction('about').objectStore('about').get('gallery'))
      db.close()
      return { extractable: key.extractable, algorithm: key.algorithm, tried: await crypto.subtle.exportKey('raw', key).catch(({ name }) => name) }`)
    expect(exported).toEqual({
      extractable: false,
      algorithm: { name: 'AES-GCM', length: 256 },
      tried: 'InvalidAccessError',
    })
  }, 60_000)

  it('lies open where that is asked for, and only then', async () => {
    const open = await tabs.open("gallery: { encrypted: false, name: 'people' }")
    const records = await open.run<Records>(`${ADA} ${READ}`)
    for (const secret of secrets)
      expect(JSON.stringify(records)).toContain(JSON.stringify(secret).slice(1, -1))
    expect(records.faces[0]).toContain(await bytes(open))
    expect(await open.run('return gallery.identify(face(1))')).toMatchObject({
      matches: [{ name: 'Ada Lovelace' }],
    })
    expect(await tab.run('return gallery.people()')).toMatchObject({
      code: 'BROWSER_GALLERY_KEY',
      hint: expect.stringContaining('encrypted: false'),
    })
    await open.run('await gallery.destroy()')
    await tab.run(ADA)
    expect(await open.run('return gallery.people()')).toMatchObject({ code: 'BROWSER_GALLERY_KEY' })
  }, 60_000)

  it('is opened by the key that a page gives, and by no other', async () => {
    const key = (seed: number, algorithm = 'AES-GCM') =>
      `await crypto.subtle.importKey('raw', new Uint8Array(32).fill(${seed}), '${algorithm}', false, ['encrypt', 'decrypt'])`
    const opened = (options: string) =>
      tab.run(`
        const models = { detector: 'models/detector.onnx', embedder: 'models/embedder.onnx' }
        const other = await arcface.Recognizer.open({ models, gallery: { name: 'own', ${options} } })
        try { return await other.gallery.addPeople([{ name: 'Ada' }]) } finally { await other.close() }`)
    expect(await opened(`key: ${key(1)}`)).toBe(1)
    expect(await opened(`key: ${key(1)}`)).toBe(0)
    expect(await opened(`key: ${key(2)}`)).toMatchObject({
      code: 'BROWSER_GALLERY_KEY',
      message: expect.stringContaining('another key'),
    })
    expect(await opened('')).toMatchObject({
      code: 'BROWSER_GALLERY_KEY',
      message: expect.stringContaining('not here'),
    })
    expect(await opened(`key: ${key(1, 'AES-CBC')}`)).toMatchObject({ code: 'BROWSER_USE' })
    expect(await opened(`key: 'secret'`)).toMatchObject({
      code: 'BROWSER_USE',
      message: expect.not.stringContaining('secret'),
    })
    expect(await opened(`keys: 1`)).toMatchObject({
      code: 'BROWSER_USE',
      message: expect.stringContaining('did you mean key'),
    })
  }, 60_000)

  it('is refused where records were swapped, changed or cut', async () => {
    await tab.run(`${ADA} await gallery.add([{ person: 'Grace', embedding: face(2) }])`)
    await tab.page.close()
    const damage = async (statements: string) => {
      tab = await tabs.open()
      await tab.run(`${RECORDS}
        const store = (name) => db.transaction(name, 'readwrite').objectStore(name)
        ${statements}
        db.close()`)
      const found = await tab.run('return gallery.people()')
      await tab.page.close()
      return found
    }
    const swap = `
      const [a, b] = await all(store('faces').getAllKeys())
      const [first, second] = await all(store('faces').getAll())
      await all(store('faces').put(second, a))
      await all(store('faces').put(first, b))`
    const refused = {
      code: 'BROWSER_GALLERY_DAMAGED',
      message: expect.stringMatching(/^(faces|people)\/\d+ of the gallery /),
    }
    expect(await damage(swap)).toMatchObject(refused)
    expect(await damage(swap)).toMatchObject([{ name: 'Ada Lovelace' }, { name: 'Grace' }])
    const change = (name: string, how: string) => `
      const [key] = await all(store('${name}').getAllKeys())
      const one = await all(store('${name}').get(key))
      await all(store('${name}').put(${how}, key))`
    expect(await damage(change('people', 'one.map((byte, i) => byte ^ (i === 20))'))).toMatchObject(
      refused,
    )
    expect(await damage(change('people', 'one.map((byte, i) => byte ^ (i === 20))'))).toMatchObject(
      [{}, {}],
    )
    expect(await damage(change('faces', 'one.slice(0, -40)'))).toMatchObject(refused)
  }, 60_000)

  it('of another model is not opened', async () => {
    await tab.run(ADA)
    const other = await tabs.open('', OTHER)
    expect(await other.run('return gallery.identify(face(1))')).toMatchObject({
      code: 'BROWSER_GALLERY_MODEL',
      message: expect.stringMatching(/embedder\.onnx .* not of other\.onnx /),
    })
    // To begin anew it need not be opened.
    expect(await other.run('await gallery.destroy(); return gallery.stats()')).toMatchObject({
      people: 0,
    })
  }, 60_000)

  it('in which nobody is takes another model, and a tab that still has the first writes nothing there', async () => {
    await tab.run(`${ADA} await gallery.delete(['Ada Lovelace'])`)
    const other = await tabs.open('', OTHER)
    expect(await other.run('return gallery.stats()')).toMatchObject({
      people: 0,
      model: { name: 'other.onnx' },
    })
    expect(await tab.run(ADA)).toMatchObject({ code: 'BROWSER_GALLERY_GONE' })
    expect(await other.run(`${ADA} return gallery.identify(face(1))`)).toMatchObject({
      matches: [{ name: 'Ada Lovelace' }],
    })
    expect(await tab.run('return gallery.stats()')).toMatchObject({ code: 'BROWSER_GALLERY_MODEL' })
  }, 60_000)

  it('of a newer page is not opened, and is let go to one', async () => {
    await tab.run(ADA)
    const newer = await context.newPage()
    await newer.goto(tab.page.url())
    await newer.evaluate(`new Promise((resolve, reject) => {
      const opening = indexedDB.open('arcface-gallery-people', 1000)
      opening.onsuccess = resolve
      opening.onblocked = reject
    })`)
    expect(await tab.run('return gallery.people()')).toMatchObject({
      code: 'BROWSER_GALLERY_GONE',
      message: expect.stringContaining('newer'),
    })
    tab = await tabs.open()
    expect(await tab.run('return gallery.people()')).toMatchObject({
      code: 'BROWSER_GALLERY_FORMAT',
      hint: 'Reload the page.',
    })
    // That page was given a connection which it does not let go.
    expect(await tab.run('return gallery.destroy()')).toMatchObject({
      code: 'BROWSER_GALLERY_BLOCKED',
    })
  }, 60_000)

  it('is gone when it is deleted: people, faces, everything with its key', async () => {
    await tab.run(
      `${ADA} await gallery.add([{ person: 'Grace', embedding: face(2), thumbnail: Uint8Array.of(1) }])`,
    )
    const count = (records: Records) =>
      Object.fromEntries(Object.entries(records).map(([name, list]) => [name, list.length]))
    expect(count(await tab.run<Records>(READ))).toMatchObject({
      people: 2,
      faces: 2,
      thumbnails: 2,
    })
    expect(
      count(await tab.run<Records>(`await gallery.delete(['Ada Lovelace']); ${READ}`)),
    ).toMatchObject({ people: 1, faces: 1, thumbnails: 1 })
    expect(
      count(
        await tab.run<Records>(`
      const [{ id }] = await gallery.faces('Grace')
      await gallery.deleteFaces([id, 'none'])
      ${READ}`),
      ),
    ).toMatchObject({ people: 1, faces: 0, thumbnails: 0 })
    const beside = await tabs.open()
    await beside.run('await gallery.people()')
    await tab.run('await gallery.destroy()')
    expect(await tab.run('return (await indexedDB.databases()).map(({ name }) => name)')).toEqual(
      [],
    )
    expect(await beside.run('return gallery.people()')).toMatchObject({
      code: 'BROWSER_GALLERY_GONE',
    })
    expect(await tab.run('return gallery.stats()')).toMatchObject({ people: 0, faces: 0 })
  }, 60_000)

  it('that the browser clears under an open page is missed by a code', async () => {
    await tab.run(ADA)
    const session = await context.newCDPSession(tab.page)
    const origin = new URL(tab.page.url()).origin
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
    expect(await tab.run("return gallery.addPeople([{ name: 'Eve' }])")).toMatchObject({
      code: 'BROWSER_GALLERY_GONE',
      hint: expect.any(String),
    })
    // Who was told begins anew.
    expect(await tab.run('return gallery.people()')).toEqual([])
    expect(await tab.run(`${ADA} return gallery.stats()`)).toMatchObject({ people: 1 })
  }, 60_000)

  it('keeps what was acknowledged when the storage is full, and says so', async () => {
    const session = await context.newCDPSession(tab.page)
    const origin = new URL(tab.page.url()).origin
    const used = await tab.run<number>('return (await navigator.storage.estimate()).usage')
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: used + 200_000 })
    // Chromium asks for what is left with the first write, and then goes by that for a while.
    await tab.run(ADA)
    const many = `Array.from({ length: 100 }, (_, i) => ({ person: 'p' + i, embedding: face(i + 10), thumbnail: crypto.getRandomValues(new Uint8Array(60000)) }))`
    expect(await tab.run(`return gallery.add(${many})`)).toMatchObject({
      code: 'BROWSER_STORAGE',
      message: expect.stringContaining('full'),
    })
    expect(await tab.run('return gallery.stats()')).toMatchObject({ people: 1, faces: 1 })
    await session.send('Storage.overrideQuotaForOrigin', { origin })
    expect(await tab.run(`await gallery.add(${many}); return gallery.stats()`)).toMatchObject({
      people: 101,
      faces: 101,
    })
  }, 60_000)

  it('leaves recognition alone where the browser stores nothing for a site, and says so', async () => {
    const profile = mkdtempSync(join(tmpdir(), 'blocked-'))
    mkdirSync(join(profile, 'Default'))
    // As a person blocks what sites store.
    const settings = { default_content_setting_values: { cookies: 2 } }
    writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify({ profile: settings }))
    const blocked = await openProfile(profile)
    try {
      const site = await openTabs(blocked)
      const page = await site.open('quality: false, cache: false')
      const noise = `{ width: 64, height: 64, pixels: crypto.getRandomValues(new Uint8Array(64 * 64 * 3)) }`
      expect(await page.run(`return (await recognizer.detect(${noise})).length`)).toEqual(
        expect.any(Number),
      )
      for (const call of ['gallery.people()', 'gallery.destroy()', `recognizer.identify(${noise})`])
        expect(await page.run(`return ${call}`)).toMatchObject({
          code: 'BROWSER_STORAGE',
          hint: expect.stringContaining('blocked'),
        })
      await site.close()
    } finally {
      await blocked.close()
      rmSync(profile, { recursive: true })
    }
  }, 60_000)
})
