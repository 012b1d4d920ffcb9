/** A column of the paper's table 3 (arXiv 1801.07698), in degrees: 1 is CASIA, which was trained on, 2 is LFW. */
export interface PaperAngles {
  wEc: number | null
  wInter: number | null
  intra1: number
  inter1: number
  intra2: number
  inter2: number
}

const column = (
  wEc: number | null,
  wInter: number | null,
  intra1: number,
  inter1: number,
  intra2: number,
  inter2: number,
): PaperAngles => ({ wEc, wInter, intra1, inter1, intra2, inter2 })

/** Its rows, in the order of the paper. */
export const paperRows = [
  ['wEc', 'W-EC'],
  ['wInter', 'W-Inter'],
  ['intra1', 'Intra, CASIA (trained on)'],
  ['inter1', 'Inter, CASIA (trained on)'],
  ['intra2', 'Intra, LFW'],
  ['inter2', 'Inter, LFW'],
] as const satisfies readonly (readonly [keyof PaperAngles, string])[]

/** ResNet-50 trained on CASIA; Intra and Inter are added to Norm-Softmax. `loss` as `arcface ablate` names it. */
export const paperTable: readonly { label: string; loss: string; angles: PaperAngles }[] = [
  {
    label: 'Norm-Softmax',
    loss: 'norm-softmax',
    angles: column(44.26, 69.66, 50.5, 59.23, 33.97, 65.6),
  },
  { label: 'ArcFace', loss: 'arcface', angles: column(14.29, 71.61, 38.45, 65.83, 28.05, 66.55) },
  {
    label: 'Intra',
    loss: 'norm-softmax+intra',
    angles: column(8.83, 31.34, 17.5, 24.07, 12.94, 26.28),
  },
  {
    label: 'Inter',
    loss: 'norm-softmax+inter',
    angles: column(46.85, 75.66, 52.74, 62.4, 35.38, 67.9),
  },
  { label: 'Triplet', loss: 'triplet', angles: column(null, null, 41.19, 50.23, 27.42, 55.94) },
]
