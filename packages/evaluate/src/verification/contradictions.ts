import { identitiesFromPairs } from './identities.js'

/** Pairs of rows with their labels, and where it is known by whose folder or number each row lies. */
export interface LabelledPairs {
  readonly a: Int32Array
  readonly b: Int32Array
  /** 1 where both are the same person, else 0. */
  readonly same: Uint8Array
  /** What the images, or templates, are called; one a row. */
  readonly names: readonly string[]
  /** The person of each row by other means than the labels, for example the name of its folder. */
  readonly people?: readonly (string | undefined)[]
}

/**
 * What is wrong with the labels of pairs, in sentences; pairs count from 1. No model can decide such pairs rightly, so
 * that every figure is too low; published sets have some, so that it is no error.
 */
export function pairWarnings({ a, b, same, names, people }: LabelledPairs): string[] {
  const groups = identitiesFromPairs(names.length, a, b, same)
  const folders = people && agreeing({ a, b, same, people })
  const selves: number[] = []
  const contradicted: number[] = []
  const oneFolder: number[] = []
  const twoFolders: number[] = []
  same.forEach((label, p) => {
    const [x, y] = [a[p]!, b[p]!]
    if (label === 1) {
      if (x === y) selves.push(p)
      else if (folders && folders[x] !== folders[y]) twoFolders.push(p)
    } else if (groups[x] === groups[y]) contradicted.push(p)
    else if (folders && folders[x] === folders[y]) oneFolder.push(p)
  })
  const told = (pairs: number[], what: string) => {
    if (pairs.length === 0) return []
    const p = pairs[0]!
    const many = pairs.length === 1 ? '1 pair' : `${pairs.length} pairs`
    return [`${many} ${what}: pair ${p + 1}, ${names[a[p]!]} and ${names[b[p]!]}`]
  }
  return [
    ...told(
      contradicted,
      'labelled two people, though other pairs of the list make them the same person',
    ),
    ...told(oneFolder, 'labelled two people, though both images are of one person by their names'),
    ...told(twoFolders, 'labelled the same person, though the images are of two by their names'),
    ...told(selves, 'of one image with itself, which every model gets right'),
  ]
}

/** Names of people where most labels agree with them: else they are no people, for example one folder of all images. */
function agreeing({
  a,
  b,
  same,
  people,
}: Omit<Required<LabelledPairs>, 'names'>): Required<LabelledPairs>['people'] | undefined {
  const agree = [0, 0]
  const all = [0, 0]
  same.forEach((label, p) => {
    const [x, y] = [people[a[p]!], people[b[p]!]]
    const kind = label === 1 ? 1 : 0
    all[kind]!++
    if (x !== undefined && y !== undefined && (x === y) === (label === 1)) agree[kind]!++
  })
  return agree.every((count, kind) => 2 * count > all[kind]!) ? people : undefined
}
