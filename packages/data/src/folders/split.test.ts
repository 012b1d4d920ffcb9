import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openFolders } from './folders.js'
import { splitPeople } from './split.js'

const room = mkdtempSync(join(tmpdir(), 'split-'))
const src = join(room, 'faces')
for (let p = 0; p < 10; p++) {
  mkdirSync(join(src, `p${p}`), { recursive: true })
  for (let k = 0; k <= p % 3; k++) writeFileSync(join(src, `p${p}`, `${k}.jpg`), `${p} ${k}`)
}
const set = openFolders([src])
const to = (name: string) => ({ train: join(room, name, 'train'), test: join(room, name, 'test') })
const split = (name: string, share = 0.3, seed = 1) => {
  const folders = to(name)
  return { ...splitPeople(set, { ...folders, share, seed }), folders }
}
const people = (folder: string) => readdirSync(folder).sort()

describe('splitPeople', () => {
  it('puts everybody on one side with all images, by share and seed', () => {
    const { train, test, copied, folders } = split('one')
    expect([train.people, test.people]).toEqual([7, 3])
    expect(train.images + test.images).toBe(set.samples.length)
    expect(copied).toBe(false)
    const [a, b] = [people(folders.train), people(folders.test)]
    expect([...a, ...b].sort()).toEqual(people(src))
    for (const [folder, names] of [
      [folders.train, a],
      [folders.test, b],
    ] as const)
      for (const name of names)
        for (const image of readdirSync(join(src, name))) {
          const [was, is] = [join(src, name, image), join(folder, name, image)]
          expect(readFileSync(is, 'utf8')).toBe(readFileSync(was, 'utf8'))
          expect(statSync(is).ino).toBe(statSync(was).ino)
        }
    expect(people(split('again').folders.test)).toEqual(b)
    const others = [2, 3, 4, 5].map((seed) => people(split(`seed${seed}`, 0.3, seed).folders.test))
    expect(new Set([b, ...others].map(String)).size).toBeGreaterThan(1)
  })

  it('has somebody on each side, and refuses what is there, shares and sets that cannot be divided', () => {
    expect(split('few', 0.001).test.people).toBe(1)
    expect(split('most', 0.999).train.people).toBe(1)
    const refusal = (code: string) => expect.objectContaining({ code })
    expect(() => split('one')).toThrow(refusal('FILES_WRITE'))
    expect(readdirSync(to('one').train)).toHaveLength(7)
    for (const share of [0, 1, Number.NaN])
      expect(() => split('x', share)).toThrow(refusal('DATA_OPTION'))
    const within = [
      { train: join(room, 'z'), test: join(room, 'z') },
      { train: join(room, 'z'), test: join(room, 'z', 'test') },
      { train: join(src, 'train'), test: join(room, 'z') },
      { train: join(room, 'z'), test: join(src, 'p0', 'test') },
    ]
    for (const folders of within)
      expect(() => splitPeople(set, { ...folders, share: 0.5, seed: 1 })).toThrow(
        refusal('DATA_OPTION'),
      )
    expect(existsSync(join(room, 'z'))).toBe(false)
    const alone = {
      ...set,
      classes: ['p0'],
      samples: set.samples.filter(({ label }) => label === 0),
    }
    expect(() => splitPeople(alone, { ...to('y'), share: 0.5, seed: 1 })).toThrow(
      refusal('DATA_OPTION'),
    )
  })
})
