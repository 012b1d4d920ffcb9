import { TrainError } from '../errors.js'

/** @throws TrainError TRAIN_IMPORT, always */
export function refuse(why: string, hint?: string): never {
  throw new TrainError('TRAIN_IMPORT', why, { hint })
}
