import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'native-'))
afterAll(() => rmSync(folder, { recursive: true }))

const program = `import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}).then(
  () => console.log('loaded'),
  ({ code, message, hint }) => console.log(code, message, hint))`

/** What another process says when it loads the room in this environment. */
const loading = (env: NodeJS.ProcessEnv) =>
  execFileSync(process.execPath, ['-e', program], { env: { ...process.env, ...env } }).toString()

describe('an add-on that does not fit', () => {
  it('that was never built, or is no library, is a coded error', () => {
    expect(loading({ ARCFACE_TORCH_BUILD: join(folder, 'nothing') })).toMatch(/^TORCH_NOT_BUILT/)
    writeFileSync(join(folder, 'arcface_torch.node'), 'not a library')
    expect(loading({ ARCFACE_TORCH_BUILD: folder })).toMatch(/^TORCH_NOT_BUILT/)
  })

  it.skipIf(process.platform !== 'linux')(
    'that finds another libtorch than it was built over names both (skipped unless on Linux)',
    () => {
      // A libtorch that says that it is of another version: all the rest of it is the true one's.
      const [source, library] = [join(folder, 'other.cc'), join(folder, 'libother.so')]
      const text =
        'PyTorch built with:\\n  - Build settings: A=b, TORCH_VERSION=9.8.7, USE_CUDA=OFF, '
      writeFileSync(
        source,
        `#include <string>\nnamespace at { std::string show_config() { return "${text}"; } }\n`,
      )
      execFileSync('c++', ['-shared', '-fPIC', '-o', library, source])
      expect(loading({})).toBe('loaded\n')
      const said = loading({ LD_PRELOAD: library })
      expect(said).toMatch(/^TORCH_NOT_BUILT .*built over libtorch \d+\.\d+.* libtorch 9\.8\.7/)
      expect(said).toContain('buildAddon')
    },
  )
})
