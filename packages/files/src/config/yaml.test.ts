import { describe, expect, it } from 'vitest'
import { parseYaml, setIn } from './yaml.js'

const fail = (why: string) => new Error(`refused: ${why}`)
const parse = (text: string) => parseYaml(text, fail)
const set = (tree: unknown, path: string, value: unknown) =>
  setIn(tree, path.split('.'), value, fail)

describe('parseYaml', () => {
  it('writes aliases out, so that nothing is shared', () => {
    const value = parse('a: &a {x: [1, two, null]}\nb: *a') as { a: object; b: object }
    expect(value).toEqual({ a: { x: [1, 'two', null] }, b: { x: [1, 'two', null] } })
    expect(value.a).not.toBe(value.b)
  })

  const laughs = [
    'a: &a [x]',
    ...'bcdefghi'
      .split('')
      .map((name, i) => `${name}: &${name} [${`*${'abcdefgh'[i]},`.repeat(9)}]`),
  ]
  it.each([
    ['aliases of aliases', laughs.join('\n'), /aliases|alias count/],
    [
      'few aliases of long lists',
      `a: &a [${'1,'.repeat(900)}]\nb: [${'*a,'.repeat(90)}]`,
      /10000 values/,
    ],
    ['what refers to itself', 'a: &a { b: *a }', /refers to itself/],
    ['an alias of nothing', 'a: *b', /no YAML: Unresolved alias/],
    ['lists in lists without end', '['.repeat(10_000), /no YAML/],
    ['closed ones too', `${'['.repeat(2000)}${']'.repeat(2000)}`, /deep|no YAML/],
    ['what is not closed', '{a: 1', /no YAML/],
    ['a key that is a list', '? [a, b]\n: 1', /no YAML: .*keys must be strings/],
    ['a key twice', 'a: 1\na: 2', /no YAML/],
    ['a file of another kind', 'x'.repeat(2_000_000), /no configuration/],
  ])('refuses %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(message)
    expect(() => parse(text)).toThrow(/^refused: /)
  })
})

describe('setIn', () => {
  it('goes through maps, lists and what is not there', () => {
    expect(set({ a: { b: 1 } }, 'a.c', 2)).toEqual({ a: { b: 1, c: 2 } })
    expect(set(null, 'a.b', [1])).toEqual({ a: { b: [1] } })
    expect(set({ a: null }, 'a.b', 1)).toEqual({ a: { b: 1 } })
    expect(set({ sets: [{ name: 'x' }] }, 'sets.0.name', 'y')).toEqual({ sets: [{ name: 'y' }] })
  })

  it('refuses to go through a value, or beyond a list', () => {
    expect(() => set({ loss: { name: 'arcface' } }, 'loss.name.x', 3)).toThrow(
      /^refused: "arcface" has no x/,
    )
    expect(() => set(5, 'x', 1)).toThrow(/^refused: 5 has no x/)
    expect(() => set({ a: [] }, 'a.1', 1)).toThrow(/no place in a list of 0/)
    expect(() => set({ a: [] }, 'a.b', 1)).toThrow(/no place/)
  })

  it('knows no keys but those that were written', () => {
    const changed = set({}, '__proto__.polluted', 1) as Record<string, unknown>
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(Object.keys(changed)).toEqual(['__proto__'])
    expect(set({}, 'constructor.name', 1)).toEqual({ constructor: { name: 1 } })
  })
})
