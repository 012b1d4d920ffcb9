import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, openProfile } from '@arcface/testing/chromium'
import { describe, expect, it } from 'vitest'
import { load, sha, visit } from '../testing/models.js'
import { detector, embedder, files, installed, landmarks } from '../testing/pack.js'
import { useVisits } from '../testing/visits.js'

describe.skipIf(!chromium)('what is kept, in Chromium', () => {
  const at = useVisits()

  const two = `{ detector: 'pack/d.onnx', embedder: { from: new URL('pack/e.onnx', location.href), name: 'own' } }`

  it('asks for another version of files without a checksum, and keeps what it has where none comes', async () => {
    const changing = { ...files, 'pack/e.onnx': embedder }
    await at.serve(changing, { etag: '"1"' })
    const first = await load(await at.visited(), two)
    expect(first).toMatchObject({ name: 'own', embedder: { sha256: sha('sha256', embedder) } })
    // The same version, so what comes now is not looked at.
    changing['pack/e.onnx'] = landmarks
    expect(await load(await at.visited(), two)).toMatchObject({
      embedder: { sha256: sha('sha256', embedder) },
      told: [{ cached: true }, { cached: true }],
    })
    const trouble = (status: number, text: string) => (response: ServerResponse) =>
      void response.writeHead(status, { 'content-type': 'text/html' }).end(text)
    for (const answer of [trouble(200, '<!doctype html>'), trouble(502, ''), trouble(404, '')]) {
      at.site.answers = { 'pack/e.onnx': answer }
      expect(await load(await at.visited(), two)).toMatchObject({
        embedder: { sha256: sha('sha256', embedder) },
      })
    }
    at.site.answers = {
      'pack/e.onnx': (response) => void response.writeHead(200, { etag: '"2"' }).end(landmarks),
    }
    const newer = { name: 'own', sha256: sha('sha256', landmarks) }
    expect(await load(await at.visited(), two)).toMatchObject({ embedder: newer })
    const page = await at.visited()
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    await at.context.setOffline(true)
    expect(await load(page, two)).toMatchObject({ embedder: newer })
    expect(requests).toEqual([])
  })

  it('mends what was damaged', async () => {
    await at.serve(installed)
    await load(await at.visited(), "'pack/'")
    const page = await at.visited()
    const damaged = await page.evaluate(`(async () => {
      const cache = await caches.open('arcface-models')
      for (const key of await cache.keys()) {
        const { headers } = await cache.match(key)
        if (/e\\.onnx/.test(key.url)) await cache.put(key, new Response(new Uint8Array(40_000), { headers }))
      }
    })()`)
    expect(damaged).toBeUndefined()
    at.site.asked.length = 0
    const right = { embedder: { sha256: sha('sha256', embedder) } }
    expect(await load(page, "'pack/'")).toMatchObject(right)
    expect(at.site.asked).toEqual(['pack/pack.json', 'pack/e.onnx'])
    at.site.asked.length = 0
    expect(await load(page, "'pack/'")).toMatchObject(right)
    expect(at.site.asked).toEqual(['pack/pack.json'])
  })

  it('keeps nothing of a file with another checksum, which is refused', async () => {
    const wrong = { 'pack/e.onnx': landmarks, 'pack/d.onnx': detector, 'pack/l.onnx': landmarks }
    await at.serve([wrong, installed])
    const page = await at.visited()
    const { error } = await load(page, "'pack/'")
    expect(error).toMatchObject({
      name: 'BrowserError',
      code: 'BROWSER_CHECKSUM',
      message: expect.stringMatching(/^e\.onnx \(http.*pack\/e\.onnx\) is another file/),
    })
    const kept = await page.evaluate(`caches.open('arcface-models')
      .then((cache) => cache.keys()).then((keys) => keys.map(({ url }) => url).join())`)
    expect(kept).not.toContain('e.onnx')
    const sha256 = sha('sha256', embedder)
    const given = `{ detector: 'pack/d.onnx', embedder: { from: new Blob(['other']), sha256: '${sha256}' } }`
    expect((await load(page, given)).error?.code).toBe('BROWSER_CHECKSUM')
    // Nor is what is kept taken for a file of another checksum.
    await load(page, `{ detector: 'pack/d.onnx', embedder: 'pack/e.onnx' }`)
    const other = `{ detector: 'pack/d.onnx', embedder: { from: 'pack/e.onnx', sha256: '${sha256}' } }`
    expect((await load(page, other)).error?.code).toBe('BROWSER_CHECKSUM')
  })

  it('works where the storage is full, and says once that nothing is kept', async () => {
    await at.serve(installed)
    const page = await at.visited()
    const session = await at.context.newCDPSession(page)
    const origin = new URL(at.site.url).origin
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 50_000 })
    expect(await load(page, "'pack/'")).toMatchObject({
      embedder: { sha256: sha('sha256', embedder) },
      warnings: [{ code: 'BROWSER_STORAGE', message: expect.stringContaining('full') }],
    })
  })

  it('works where sites may store nothing', async () => {
    await at.serve(installed)
    const profile = mkdtempSync(join(tmpdir(), 'profile-'))
    mkdirSync(join(profile, 'Default'))
    const cookies = { profile: { default_content_setting_values: { cookies: 2 } } }
    writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify(cookies))
    const blocked = await openProfile(profile)
    try {
      expect(await load(await visit(blocked, at.site.url), "'pack/'")).toMatchObject({
        embedder: { sha256: sha('sha256', embedder) },
        warnings: [{ code: 'BROWSER_STORAGE', message: expect.stringContaining('keeps nothing') }],
      })
    } finally {
      await blocked.close()
    }
  })
})
