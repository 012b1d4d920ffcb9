import { type Kinds, optionsChecker } from '@arcface/vision'
import { RecognizeError } from './errors.js'

export type { Kinds }

/** @throws RecognizeError RECOGNIZE_USE */
export const checkOptions = optionsChecker(
  (message) => new RecognizeError('RECOGNIZE_USE', message),
)
