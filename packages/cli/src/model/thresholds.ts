import type { Searched } from '@arcface/gallery'
import type { Thresholds } from '@arcface/onnx'
import type { ChosenSearchThreshold, ChosenThreshold, MatchProbability } from '@arcface/vision'
import { type Command, Option } from 'commander'
import { cosine, rate } from '../terminal/numbers.js'
import { counted, countedPeople, roundedRate } from '../terminal/words.js'

/** What a decision goes by: one of the first three, or none. */
export interface ThresholdOptions {
  threshold?: number
  far?: number
  fpir?: number
  /** A file. */
  thresholds?: string
}

/** Options of a command that decides who is the same; `fpir` where it searches among many. */
export function addThreshold(command: Command, { fpir }: { fpir: boolean }): Command {
  const others = fpir ? ['far', 'fpir'] : ['far']
  command
    .addOption(
      new Option('--threshold <cosine>', "the same person above it, instead of the model's own")
        .argParser(cosine)
        .conflicts(others),
    )
    .addOption(
      new Option(
        '--far <rate>',
        `false accept rate of one comparison${fpir ? '' : ' (default: 1e-3)'}`,
      )
        .argParser(rate)
        .conflicts(['threshold', ...others.slice(1)]),
    )
  if (fpir)
    command.addOption(
      new Option(
        '--fpir <rate>',
        'false positive identification rate: how many searches may name a stranger (default: 1e-2)',
      )
        .argParser(rate)
        .conflicts(['threshold', 'far']),
    )
  return command.option(
    '--thresholds <file>',
    "what evaluate threshold --out wrote, instead of the model's own",
  )
}

/** As the library takes them. */
export const decisionOf = ({ threshold, far, fpir }: ThresholdOptions) => ({
  ...(threshold !== undefined && { threshold }),
  ...(far !== undefined && { far }),
  ...(fpir !== undefined && { fpir }),
})

export async function thresholdsIn(path: string): Promise<Thresholds> {
  const { readText } = await import('@arcface/files')
  const { parseThresholds } = await import('@arcface/onnx')
  return parseThresholds(readText(path), path)
}

/** A threshold in words: `threshold 0.4753, FAR 0.001 on 3,000 pairs of ...`. */
export function inWords(
  chosen: ChosenThreshold | ChosenSearchThreshold,
  searched?: Searched,
): string {
  const { threshold, far, source } = chosen
  const among =
    searched && `among ${countedPeople(searched.people)} (${counted(searched.faces, 'face')})`
  if (threshold === null) return ['no threshold', ...(among ? [among] : [])].join(' ')
  const fpir = 'fpir' in chosen ? chosen.fpir : null
  return [
    `threshold ${threshold.toFixed(4)}${among ? ` ${among}` : ''}`,
    ...(fpir === null ? [] : [`FPIR ${roundedRate(fpir)} a search`]),
    ...(far === null
      ? []
      : [`FAR ${roundedRate(far)}${fpir === null ? '' : ' a comparison'} on ${source}`]),
  ].join(', ')
}

/** A probability in words, with as many digits as tell it from 0 and from 1: `probability 0.9993 for a prior of 0.5`. */
export function probabilityInWords({
  probability,
  prior,
  likelihoodRatio,
  atBound,
}: MatchProbability): string {
  const rest = Math.min(probability, 1 - probability)
  const digits = Math.min(15, Math.max(2, Math.ceil(-Math.log10(rest)) + 1))
  const bound = atBound ? (likelihoodRatio > 1 ? 'at least ' : 'at most ') : ''
  return `probability ${bound}${probability.toFixed(digits)} for a prior of ${prior}`
}
