import { imageName, type PairList } from '@arcface/data'
import { pairWarnings } from '@arcface/evaluate'
import { folderOf } from '@arcface/evaluate/run'
import { warn } from '../printable.js'

/** Tells on stderr of labels that contradict each other or the folders. */
export function warnOfPairs(list: PairList): void {
  const people = list.images.map(folderOf)
  for (const warning of pairWarnings({ ...list, names: namesOf(list), people })) warn(warning)
}

export const namesOf = (list: PairList): string[] => list.images.map(imageName)
