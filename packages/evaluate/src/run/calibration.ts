import type { PairList } from '@arcface/data'
import { checkCounts, checkPairs } from '../calibration/scores.js'
import { facesByPerson } from '../threshold/couples.js'
import { numberNames } from '../verification/identities.js'
import { peopleOf, personOf } from './people.js'

// What can be said before the model runs.

/** Whether the pairs of a list are enough to calibrate by. @throws EvaluateError EVALUATE_CALIBRATION */
export function checkCalibrationPairs(list: PairList): void {
  const people = peopleOf(list)
  const [first, second] = [list.a, list.b].map((rows) => rows.map((row) => people[row]!))
  checkPairs({ same: list.same, first: first!, second: second!, identities: people.length })
}

/** Whether all pairs of faces in folders of people are. @throws EvaluateError EVALUATE_CALIBRATION */
export function checkCalibrationFolders(files: readonly string[]): void {
  const people = facesByPerson(numberNames(files.map(personOf)))
  checkCounts({
    genuine: people.reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0),
    people: people.filter(({ length }) => length > 1).length,
    couples: (people.length * (people.length - 1)) / 2,
  })
}
