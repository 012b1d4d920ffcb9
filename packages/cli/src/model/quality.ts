import type { Face, QualityOption } from '@arcface/vision'
import type { Command } from 'commander'
import { notNegative, share } from '../terminal/numbers.js'

/** Options of every command that says who somebody is, or compares faces. */
export interface QualityOptions {
  minEyes?: number
  minSharpness?: number
  minGrade?: number
  anyQuality?: boolean
}

export function addQuality(command: Command): Command {
  return command
    .option('--min-eyes <pixels>', 'least distance between the eyes in a photograph', notNegative)
    .option('--min-sharpness <variance>', 'least variance of the Laplacian of a face', notNegative)
    .option(
      '--min-grade <share>',
      'least grade of a face, its quality in one figure from 0 to 1 (default: 0.6 to enrol, else 0)',
      share,
    )
    .option('--any-quality', 'take small, blurred, turned and hardly plausible faces too')
}

/** The limits given; what is not given stays usual. */
export function qualityOption({
  minEyes,
  minSharpness,
  minGrade,
  anyQuality,
}: QualityOptions): QualityOption {
  if (anyQuality) return false
  return {
    ...(minEyes !== undefined && { eyes: minEyes }),
    ...(minSharpness !== undefined && { sharpness: minSharpness }),
    ...(minGrade !== undefined && { grade: minGrade }),
  }
}

/** Why a face is not recognised, with figures. */
export async function reasonsFor({ rejected, quality }: Face): Promise<string> {
  const { reasonsOf } = await import('@arcface/vision')
  return reasonsOf(rejected, quality)
}
