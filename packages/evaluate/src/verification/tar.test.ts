import { expect, it } from 'vitest'
import { protocolGoldens } from '../testing/goldens.js'
import { foldedTarAtFar } from './tar.js'

const { distances, same, folds, targets, expected } = protocolGoldens().foldedTar
const [d, s] = [Float64Array.from(distances), Uint8Array.from(same)]

it.each(targets.map((far, i) => [far, expected[i]!] as const))(
  'TAR at FAR %d on folds: as numpy',
  (far, [tar, std, reached]) => {
    const result = foldedTarAtFar(d, s, folds, far)
    expect(result.tar).toBeCloseTo(tar, 12)
    expect(result.std).toBeCloseTo(std, 12)
    expect(result.far).toBeCloseTo(reached, 12)
  },
)

it('accepts nobody where no threshold reaches the FAR', () => {
  const far = foldedTarAtFar(
    d.map((_, p) => (s[p] === 1 ? 0.1 : 4)),
    s,
    folds,
    0.1,
  )
  expect(far).toEqual({ tar: 0, std: 0, far: 0 })
})

it('refuses a fold without genuine pairs and a FAR of 0', () => {
  const code = (name: string) => expect.objectContaining({ code: name })
  expect(() =>
    foldedTarAtFar(
      d,
      s.map((x, p) => (p < 40 ? 0 : x)),
      folds,
      0.1,
    ),
  ).toThrow(code('EVALUATE_FOLDS'))
  expect(() => foldedTarAtFar(d, s, folds, 0)).toThrow(code('EVALUATE_OPTION'))
})
