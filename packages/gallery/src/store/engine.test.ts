import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { VERSION } from './engine.js'

const room = mkdtempSync(join(tmpdir(), 'gallery-engine-'))
afterAll(() => rmSync(room, { recursive: true }))

const index = new URL('../../dist/index.js', import.meta.url).href

/** What opening a gallery says where Node's own search for LanceDB's packages ends otherwise. */
function opened(found: string): { code: string; message: string; hint: string } {
  const program = `
    import Module from 'node:module'
    const resolve = Module._resolveFilename
    Module._resolveFilename = (name, ...rest) => {
      if (!name.startsWith('@lancedb/')) return resolve(name, ...rest)
      ${found}
    }
    const { openGallery } = await import('${index}')
    const model = { sha256: 'a'.repeat(64), name: 'm', dim: 4, preprocessing: null }
    const { code, message, hint } = await openGallery('${join(room, 'g')}', { model }).catch((e) => e)
    console.log(JSON.stringify({ code, message, hint }))`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  })
  expect(run.stderr).toBe('')
  return JSON.parse(run.stdout)
}

const missing =
  "throw Object.assign(new Error('Cannot find ' + name), { code: 'MODULE_NOT_FOUND' })"

it('an engine that is not installed is missed by a code, with what brings it', () => {
  const { code, message, hint } = opened(missing)
  expect(code).toBe('GALLERY_ENGINE')
  expect(message).toContain('not installed')
  expect(hint).toContain(`npm install @lancedb/lancedb-${process.platform}-${process.arch}`)
  expect(hint).toContain(`@${VERSION}`)
})

it('one of another version is not used', () => {
  const other = join(room, 'package.json')
  writeFileSync(other, JSON.stringify({ version: '0.99.0' }))
  const { code, message } = opened(`return '${other}'`)
  expect(code).toBe('GALLERY_ENGINE')
  expect(message).toMatch(/0\.99\.0/)
})

it('one that the system does not load says why', () => {
  const [about, broken] = [join(room, 'right.json'), join(room, 'broken.node')]
  writeFileSync(about, JSON.stringify({ version: VERSION }))
  writeFileSync(broken, 'no library')
  const { code, message } = opened(
    `return name.endsWith('package.json') ? '${about}' : '${broken}'`,
  )
  expect(code).toBe('GALLERY_ENGINE')
  expect(message).toMatch(/cannot be loaded: .*broken\.node/)
})

it('is pinned to the version whose interface is written down', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { optionalDependencies } = JSON.parse(text) as {
    optionalDependencies: Record<string, string>
  }
  const versions = Object.entries(optionalDependencies)
    .filter(([name]) => name.startsWith('@lancedb/'))
    .map(([, version]) => version)
  expect(versions.length).toBeGreaterThan(4)
  expect(new Set(versions)).toEqual(new Set([VERSION]))
})
