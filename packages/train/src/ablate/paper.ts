/**
 * Verification accuracy in percent of ResNet-50 trained on CASIA, by loss (ArcFace, arXiv 1801.07698, table 2):
 * LFW, CFP-FP, AgeDB-30.
 */
export const paperAccuracy: Readonly<Record<string, readonly [number, number, number]>> = {
  arcface: [99.53, 95.56, 95.15],
  sphereface: [99.11, 94.38, 91.7],
  cosface: [99.51, 95.44, 94.56],
  cm1: [99.48, 95.12, 94.38],
  cm2: [99.5, 95.24, 94.86],
  softmax: [99.08, 94.39, 92.33],
  'norm-softmax': [98.56, 89.79, 88.72],
  'norm-softmax+intra': [98.75, 93.81, 90.92],
  'norm-softmax+inter': [98.68, 90.67, 89.5],
  'norm-softmax+intra+inter': [98.73, 94.0, 91.41],
  triplet: [98.98, 91.9, 89.98],
}
