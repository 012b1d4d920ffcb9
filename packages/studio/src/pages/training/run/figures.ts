import { degrees } from '@arcface/evaluate'
import { useMemo } from 'react'
import { type Numbers, useNumbers, useWords } from '../../../language/language.js'
import { words } from '../words.js'

export interface Figure {
  readonly id: string
  readonly title: string
  /** Of the y axis. */
  readonly unit: string
  /** Names of the series, each with what it is called. */
  readonly lines: readonly (readonly [name: string, label: string])[]
  /** From what the run says to what is drawn. */
  readonly factor?: number
  readonly logarithmic?: boolean
  readonly format: (value: number) => string
}

const DEGREES = degrees(1)
export const PHASES = ['data', 'forward', 'head', 'backward', 'optimizer', 'communication'] as const

const figures = (t: (typeof words)['en'], n: Numbers): Figure[] => [
  {
    ...{ id: 'loss', title: t.loss, unit: '', format: (value) => n.significant(value, 4) },
    lines: [
      ['loss', t.lossWhole],
      ['marginLoss', t.lossMargin],
      ['distillLoss', t.lossDistill],
    ],
  },
  {
    ...{ id: 'angles', title: t.angles, unit: '°', factor: DEGREES },
    format: (value) => `${n.fixed(value, 1)}°`,
    lines: [
      ['targetAngle', t.angleOwn],
      ['otherAngle', t.angleOther],
    ],
  },
  {
    ...{ id: 'lr', title: t.lr, unit: '', format: (value) => n.significant(value, 3) },
    lines: [['lr', t.lr]],
  },
  {
    ...{ id: 'margin', title: t.marginShare, unit: '%', format: (value) => n.rate(value) },
    lines: [['marginShare', t.marginShare]],
  },
  {
    ...{ id: 'norms', title: t.norms, unit: '', logarithmic: true },
    format: (value) => n.significant(value, 3),
    lines: [
      ['gradNorm', t.normBackbone],
      ['headGradNorm', t.normHead],
    ],
  },
  {
    ...{ id: 'teacher', title: t.teacher, unit: '', format: (value) => n.significant(value, 4) },
    lines: [['teacherCosine', t.teacher]],
  },
  {
    ...{ id: 'speed', title: t.speed, unit: '', format: n.count },
    lines: [['imagesPerSecond', t.speed]],
  },
  {
    ...{ id: 'seconds', title: t.seconds, unit: 'ms', factor: 1000 },
    format: (value) => `${n.significant(value, 3)} ms`,
    lines: PHASES.map((one) => [`seconds.${one}`, t[one]] as const),
  },
  {
    ...{ id: 'memory', title: t.memory, unit: '', format: n.bytes },
    lines: [['memory', t.memory]],
  },
]

/** What is drawn of a run's figures. */
export function useFigures(): readonly Figure[] {
  const t = useWords(words)
  const n = useNumbers()
  return useMemo(() => figures(t, n), [t, n])
}
