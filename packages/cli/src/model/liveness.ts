import type { LivenessChoice } from '@arcface/recognize'
import type { Liveness, LivenessPoint } from '@arcface/vision'
import type { Command } from 'commander'
import { share } from '../terminal/numbers.js'
import { printable, writeOut } from '../terminal/printable.js'
import { percent } from '../terminal/words.js'

/** Options of a command that may say whether faces are living. */
export interface LivenessOptions {
  /** A pack, or true: the model's own. */
  liveness?: string | true
  livenessThreshold?: number
}

export function addLiveness(command: Command): Command {
  return command
    .option(
      '--liveness [pack]',
      "say whether faces look living, by a pack's networks (default: the model's own)",
    )
    .option('--liveness-threshold <score>', "living from it on, instead of the pack's own", share)
}

/** Networks and threshold, as the library takes them. */
export const livenessChoice = ({
  liveness,
  livenessThreshold: threshold,
}: LivenessOptions): LivenessChoice => ({
  ...(typeof liveness === 'string' && { pack: liveness }),
  ...(threshold !== undefined && { threshold }),
})

/** A verdict in words: `looks living, score 0.98`. */
export function livenessInWords({ live, score, unsure }: Liveness): string {
  const figure = `score ${score.toFixed(2)}`
  if (live === null) return `not said whether it is living (${unsure.join(', ')}), ${figure}`
  return `${live ? 'looks living' : 'looks like a picture of a face'}, ${figure}`
}

/** What a threshold stands for: whose rates, and on what they were measured. */
export function standsInWords({ threshold, measured }: LivenessPoint): string {
  const figures = measured.map(({ by, on, bpcer, bpcerLimits, apcer }) => {
    const limits = bpcerLimits ? ` (${bpcerLimits.map(percent).join(' to ')})` : ''
    const rates = [
      ...(bpcer === undefined ? [] : [`BPCER ${percent(bpcer)}${limits}`]),
      ...(apcer === undefined ? [] : [`APCER ${percent(apcer)}`]),
    ]
    return `${rates.join(', ')} on ${on} (${by === 'authors' ? "the network's authors" : by})`
  })
  const attacks = measured.some(({ by, apcer }) => by === 'arcface' && apcer !== undefined)
  return [
    `living from ${threshold} on: ${figures.join('; ') || 'nobody measured what that stands for'}`,
    ...(attacks ? [] : ['attacks were not measured here']),
  ].join('; ')
}

/** Says of faces whether they are living, and last what that stands for. */
export function tellLiveness(
  faces: readonly { readonly name: string; readonly liveness?: Liveness | undefined }[],
): void {
  const all = faces.flatMap(({ name, liveness }) => (liveness ? [{ name, liveness }] : []))
  for (const { name, liveness } of all)
    writeOut(`${printable(name)}: ${livenessInWords(liveness)}\n`)
  for (const stands of new Set(all.map(({ liveness }) => standsInWords(liveness.stands))))
    writeOut(`${printable(stands)}\n`)
}
