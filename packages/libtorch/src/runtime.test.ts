import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { mm, sin, zeros } from './generated/ops.js'
import { builtFile, native } from './native.js'
import { codeOf, relativeError, sample, values } from './numeric.test.support.js'
import {
  getNumThreads,
  hasCuda,
  loadOperatorLibrary,
  setNumThreads,
  torchVersion,
} from './runtime.js'
import { tensor } from './tensor.js'

const before = getNumThreads()
afterAll(() => setNumThreads(before))

describe('threads', () => {
  it('are as many as were set', () => {
    for (const count of [3, 1, 2]) {
      setNumThreads(count)
      expect(getNumThreads()).toBe(count)
    }
  })

  const tasks = '/proc/self/task'
  it.skipIf(!existsSync(tasks))('are threads of the system (skipped without /proc)', () => {
    const count = () => readdirSync(tasks).length
    setNumThreads(1)
    sin(zeros([1 << 18]))
    const alone = count()
    setNumThreads(4)
    sin(zeros([1 << 18]))
    expect(count()).toBeGreaterThanOrEqual(alone + 3)
  })

  it('do not change what an operator gives', () => {
    const [x, a, b] = [sample([1 << 17]), sample([64, 500]), sample([500, 64], 2)]
    const of = (count: number) => {
      setNumThreads(count)
      return [values(sin(x)), values(mm(a, b))] as const
    }
    const [one, three] = [of(1), of(3)]
    expect(three[0]).toEqual(one[0])
    expect(relativeError(three[1], one[1])).toBeLessThan(1e-5)
  })

  it('are a whole number, at least one', () => {
    const wanted = getNumThreads()
    for (const count of [0, -1, 1.5, Number.NaN, 2 ** 32 + 1])
      expect(codeOf(() => setNumThreads(count))).toBe('TORCH_ARGUMENT')
    expect(getNumThreads()).toBe(wanted)
  })
})

describe('the machine', () => {
  it('has the version of a release', () => {
    expect(torchVersion).toMatch(/^\d+\.\d+\.\d+/)
  })

  it('takes tensors to CUDA where it says that it has it, else refuses', () => {
    const there = codeOf(() => zeros([1], 'float32', undefined, 'cuda'))
    expect(there === 'no error').toBe(hasCuda())
    if (!hasCuda()) expect(there).toMatch(/^TORCH_/)
  })
})

describe('keepMemory', () => {
  const library = createRequire(import.meta.url).resolve('@arcface/libtorch')
  // Page faults of eight rounds that take 12 MiB and give them back: 3072 a round where the kernel gets them.
  const script = `import { keepMemory, ops, scope } from ${JSON.stringify(library)}
    const faults = () => {
      const before = process.resourceUsage().minorPageFault
      for (let i = 0; i < 8; i++)
        scope(() => {
          const x = ops.ones([1 << 20])
          ops.add(ops.mul(x, 2), x)
        })
      return process.resourceUsage().minorPageFault - before
    }
    const seen = [faults()]
    keepMemory()
    for (let i = 0; i < 9; i++) {
      seen.push(faults())
      gc() // handles die; without it some lie between the blocks, which then do not join
      await new Promise(setImmediate)
    }
    console.log(JSON.stringify(seen))`

  it.skipIf(process.platform !== 'linux')('spares page faults (skipped unless on Linux)', () => {
    const out = execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', script])
    const [given = 0, ...kept] = JSON.parse(out.toString()) as number[]
    const median = kept.sort((a, b) => a - b)[4]
    expect(median).toBeLessThan(given / 4)
  })

  const setting = '/sys/kernel/mm/transparent_hugepage/enabled'
  it.skipIf(!existsSync(setting))(
    'asks for huge pages (skipped unless the kernel has them)',
    () => {
      const script = `import { readFileSync } from 'node:fs'
      import { keepMemory, ops } from ${JSON.stringify(library)}
      keepMemory()
      const x = ops.ones([1 << 24])
      console.log(readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-)/m).filter((one) => one.includes('[heap]')).join(''))`
      const maps = execFileSync(process.execPath, ['--input-type=module', '-e', script]).toString()
      // Of each part of the heap its size, and the kernel's word for "asked for": hg.
      const parts = maps.matchAll(/\[heap\]\nSize: +(\d+) kB\n(?:.+\n)*?VmFlags:(.*)/g)
      const asked = [...parts].filter(([, , flags]) => flags!.split(' ').includes('hg'))
      const sizes = asked.map(([, kib]) => Number(kib))
      expect(sizes.reduce((a, b) => a + b, 0)).toBeGreaterThan(64 << 10)
    },
  )
})

describe('loadOperatorLibrary', () => {
  const folder = mkdtempSync(join(tmpdir(), 'library-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const kernels = builtFile('libarcface_kernels.so')
  const has = () => native.operatorNames().includes('arcface::prelu')

  it('makes the operators of a library known; twice is once; the path may be relative', () => {
    expect(has()).toBe(false)
    loadOperatorLibrary(relative(process.cwd(), kernels))
    expect(has()).toBe(true)
    loadOperatorLibrary(kernels)
    const [x, slope] = [tensor([-2, 3], [1, 2]), tensor([0.5, 0.5])]
    const result = native.call(native.lookup('arcface::prelu'), x.handle, slope.handle)
    expect([...(native.toTypedArray(result as never) as Float32Array)]).toEqual([-1, 3])
  })

  it('names what is not there and what is no library', () => {
    const missing = join(folder, 'missing.so')
    const text = join(folder, 'text.so')
    writeFileSync(text, 'not a library')
    for (const path of [missing, text, folder]) {
      expect(codeOf(() => loadOperatorLibrary(path))).toBe('TORCH_LIBRARY')
      expect(() => loadOperatorLibrary(path)).toThrow(path)
    }
    // The loader itself would take an empty name for the running program.
    expect(codeOf(() => loadOperatorLibrary(''))).toBe('TORCH_LIBRARY')
  })
})
