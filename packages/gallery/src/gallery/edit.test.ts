import { face, noisy, similarity } from '@arcface/testing'
import { describe, expect, it } from 'vitest'
import { beforeEachGallery } from '../testing/fresh.js'
import type { Gallery } from './gallery.js'

const DIM = 32

let gallery: Gallery
beforeEachGallery(DIM, (opened) => {
  gallery = opened
})

describe('a part of all people', () => {
  const names = ['Ada', 'ada lovelace', 'Zoë', "O'Brien", '100%', 'a_b', 'Зоя', '山田', 'Bob']
  const window = async (options: Parameters<Gallery['peopleFrom']>[0]) => {
    const { people, total } = await gallery.peopleFrom(options)
    return [people.map(({ name }) => name), total]
  }

  it('is found by a part of names in whatever case, in each order, with how many there are', async () => {
    await gallery.addPeople(
      names.map((name, i) => ({
        name,
        added: new Date(1e12 + 1000 * ((7 * i) % names.length)),
        groups: i % 2 === 0 ? ['even'] : [],
      })),
    )
    await gallery.enroll([{ person: 'Bob', embedding: face(DIM, 1) }])
    const sorted = [...names].sort()
    const aged = names
      .map((name, i) => [name, (7 * i) % names.length] as const)
      .sort((a, b) => a[1] - b[1])
      .map(([name]) => name)
    expect(await window({})).toEqual([sorted, 9])
    expect(await window({ descending: true, limit: 2 })).toEqual([sorted.slice(-2).reverse(), 9])
    expect(await window({ by: 'added', offset: 3, limit: 4 })).toEqual([aged.slice(3, 7), 9])
    expect(await window({ offset: 100 })).toEqual([[], 9])
    for (const [search, found] of [
      ['ADA', ['Ada', 'ada lovelace']],
      ['зо', ['Зоя']],
      ['Zoe\u0308', ['Zoë']],
      ["'", ["O'Brien"]],
      ['%', ['100%']],
      ['_', ['a_b']],
      ["' OR 1=1 --", []],
      ['  ', sorted],
    ] as const)
      expect(await window({ search })).toEqual([found, found.length])
    const even = names.filter((_, i) => i % 2 === 0)
    expect(await window({ groups: ['even'], search: 'o', limit: 1 })).toEqual([
      ['Bob'],
      even.filter((name) => /o/i.test(name)).length,
    ])
    expect((await gallery.peopleFrom({ search: 'bob' })).people).toMatchObject([{ faces: 1 }])
    for (const wrong of [{ offset: -1 }, { limit: 0 }, { by: 'faces' }, { search: 7 }, { page: 1 }])
      await expect(gallery.peopleFrom(wrong as never)).rejects.toMatchObject({
        code: 'GALLERY_USE',
      })
  })
})

describe('a change that looks first', () => {
  it('is made of somebody who is as expected, and else nothing is changed', async () => {
    await gallery.enroll([{ person: 'Ada', embedding: face(DIM, 1), groups: ['x'] }])
    const changed = await gallery.change(
      ' Ada ',
      { name: 'Ada L', groups: ['y'], metadata: { a: 1 } },
      ({ name, groups, faces }) => name === 'Ada' && groups[0] === 'x' && faces === 1,
    )
    expect(changed).toMatchObject({ name: 'Ada L', groups: ['y'], metadata: { a: 1 }, faces: 1 })
    const refuse = () => false
    await gallery.addPeople([{ name: 'Bob' }])
    const before = await gallery.people()
    for (const call of [
      gallery.change('Ada L', { name: 'Eve', groups: [] }, refuse),
      gallery.merge('Ada L', 'Bob', refuse),
      gallery.delete(['Bob', 'Ada L'], refuse),
    ])
      await expect(call).rejects.toMatchObject({ code: 'GALLERY_CHANGED' })
    expect(await gallery.people()).toEqual(before)
    await expect(gallery.change('Ada L', { name: 'Bob' })).rejects.toMatchObject({
      code: 'GALLERY_PERSON_EXISTS',
    })
    await expect(gallery.change('nobody', {})).rejects.toMatchObject({ code: 'GALLERY_PERSON' })
  })

  it('never loses one of two that were begun from the same person', async () => {
    await gallery.addPeople([{ name: 'Ada' }])
    const { groups } = await gallery.person('Ada')
    const once = (group: string) =>
      gallery.change(
        'Ada',
        { groups: [...groups, group] },
        (person) => person.groups.length === groups.length,
      )
    const results = await Promise.allSettled(['a', 'b', 'c'].map(once))
    expect(results.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
    ])
    expect((await gallery.person('Ada')).groups).toHaveLength(1)
  })
})

it('splits faces off to somebody new, or leaves all as it was', async () => {
  const faces = ['a', 'b', 'c'].map((id, i) => ({ id, person: 'Ada', embedding: face(DIM, i) }))
  await gallery.enroll(faces)
  await gallery.split(['b', 'c', 'b'], 'Bob')
  const people = async () =>
    Promise.all(
      (await gallery.people()).map(async ({ name }) => [
        name,
        (await gallery.faces(name)).map(({ id }) => id).sort(),
      ]),
    )
  const after = [
    ['Ada', ['a']],
    ['Bob', ['b', 'c']],
  ]
  expect(await people()).toEqual(after)
  await expect(gallery.split(['a'], 'Bob')).rejects.toMatchObject({ code: 'GALLERY_PERSON_EXISTS' })
  await expect(gallery.split(['a', 'x'], 'Eve')).rejects.toMatchObject({ code: 'GALLERY_FACE' })
  await expect(gallery.split(['a'], '')).rejects.toMatchObject({ code: 'GALLERY_NAME' })
  expect(await people()).toEqual(after)
})

it('tells how well each face fits the mean of the others', async () => {
  const rows = [1, 2, 3, 99].map((seed, i) =>
    i < 3 ? noisy(face(DIM, 7), 0.8, seed) : face(DIM, seed),
  )
  await gallery.enroll(rows.map((embedding, i) => ({ id: `f${i}`, person: 'Ada', embedding })))
  await gallery.enroll([{ id: 'only', person: 'Bob', embedding: face(DIM, 5) }])
  const fits = await gallery.fit('Ada')
  for (const [i, row] of rows.entries()) {
    const others = rows.filter((one) => one !== row)
    const mean = row.map((_, k) => others.reduce((sum, one) => sum + one[k]!, 0))
    const length = Math.hypot(...mean)
    const found = fits.find(({ face }) => face === `f${i}`)
    expect(found?.similarity).toBeCloseTo(
      similarity(
        row,
        mean.map((value) => value / length),
      ),
      5,
    )
  }
  expect(fits.reduce((a, b) => (a.similarity! < b.similarity! ? a : b)).face).toBe('f3')
  expect(await gallery.fit('Bob')).toEqual([{ face: 'only', similarity: null }])
})

it('has a portrait of who came with a picture', async () => {
  const thumbnail = Uint8Array.of(1, 2, 3)
  await gallery.enroll([
    { person: 'Ada', embedding: face(DIM, 1) },
    { person: 'Ada', embedding: face(DIM, 2), thumbnail },
    { person: 'Bob', embedding: face(DIM, 3) },
  ])
  expect(await gallery.portrait('Ada')).toEqual(thumbnail)
  expect(await gallery.portrait('Bob')).toBeNull()
  await expect(gallery.portrait('nobody')).rejects.toMatchObject({ code: 'GALLERY_PERSON' })
})
