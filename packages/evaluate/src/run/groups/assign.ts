import { basename, join, resolve } from 'node:path'
import { firstNames } from '@arcface/files'
import { EvaluateError } from '../../errors.js'
import { personOf } from '../people.js'
import type { GroupTable } from './table.js'

/** Groups of images. */
export interface AssignedGroups {
  /** By column the value of each image; '' where it has none. */
  readonly values: Readonly<Record<string, readonly string[]>>
  /** What the user should know: rows of nobody, people without a row. */
  readonly warnings: readonly string[]
}

/**
 * Gives images the groups of their rows: of the person's, or of their own (`person/image.jpg`, or a path).
 * @throws EvaluateError EVALUATE_GROUPS where two rows contradict each other, or none is of any of the images
 */
export function assignGroups(
  { file, columns, rows }: GroupTable,
  images: readonly string[],
): AssignedGroups {
  const find = finder(images)
  const values = Object.fromEntries(columns.map((name) => [name, images.map(() => '')]))
  /** Of each value the line that it is from. */
  const lines = Object.fromEntries(columns.map((name) => [name, new Int32Array(images.length)]))
  const unknown: string[] = []
  const named = new Uint8Array(images.length)
  for (const { line, key, values: own } of rows) {
    const found = find(key)
    if (found === undefined) {
      unknown.push(key)
      continue
    }
    for (const image of found) {
      named[image] = 1
      for (const column of columns) {
        const value = own[column] ?? ''
        const before = values[column]![image]!
        if (value === '' || value === before) continue
        if (before !== '')
          throw new EvaluateError(
            'EVALUATE_GROUPS',
            `${file}, line ${line}: ${column} of ${key} is ${value}, but line ${lines[column]![image]} says ${before}`,
          )
        values[column]![image] = value
        lines[column]![image] = line
      }
    }
  }
  if (unknown.length === rows.length)
    throw new EvaluateError(
      'EVALUATE_GROUPS',
      `${file} names nobody of these images: its rows are of ${firstNames(unknown)}, the images of ${firstNames(peopleOf(images))}`,
    )
  const without = peopleOf(images.filter((_, image) => named[image] === 0))
  return {
    values,
    warnings: [
      ...(unknown.length === 0
        ? []
        : [
            `${file}: ${unknown.length} of ${rows.length} rows are of nobody here: ${firstNames(unknown)}`,
          ]),
      ...(without.length === 0
        ? []
        : [
            `${file} has no row of ${without.length} people, who are left out: ${firstNames(without)}`,
          ]),
    ],
  }
}

const peopleOf = (images: readonly string[]): string[] => [...new Set(images.map(personOf))]

/** The images of a row, by their numbers: of a person, or one. */
function finder(images: readonly string[]): (key: string) => readonly number[] | undefined {
  const by = new Map<string, number[]>()
  const add = (key: string, image: number) => {
    const known = by.get(key)
    if (known) known.push(image)
    else by.set(key, [image])
  }
  for (const [i, image] of images.entries()) {
    add(`person ${personOf(image)}`, i)
    add(`image ${join(personOf(image), basename(image))}`, i)
    add(`path ${resolve(image)}`, i)
  }
  return (key) =>
    by.get(`person ${key}`) ?? by.get(`path ${resolve(key)}`) ?? by.get(`image ${join(key)}`)
}
