import { InvalidArgumentError } from 'commander'
import { describe, expect, it } from 'vitest'
import { cosine, integer, integers, positive, rate, rates, seed } from './numbers.js'

describe('a number of the command line', () => {
  it('is read', () => {
    expect([integer('3'), seed('0'), rate('1e-3'), cosine('-1'), positive('0.5')]).toEqual([
      ...[3, 0, 0.001, -1, 0.5],
    ])
    expect([integers('1,5,10'), rates('1e-3,0.01')]).toEqual([
      [1, 5, 10],
      [0.001, 0.01],
    ])
  })

  it.each([
    [integer, ['', ' ', '0', '1.5', 'x', '1,2', 'Infinity']],
    [integers, ['', '1,,2', '1,0', '1,2,']],
    [seed, ['', '-1', '0.5', 'NaN']],
    [rate, ['', '0', '1', '-0.1', 'x']],
    [rates, ['', '0.1,', '0.1,1']],
    [cosine, ['', '2', 'NaN']],
    [positive, ['', '0', '-1', 'Infinity']],
  ])('is refused where it is none: %o', (read: (text: string) => unknown, texts) => {
    for (const text of texts) expect(() => read(text)).toThrow(InvalidArgumentError)
  })
})
