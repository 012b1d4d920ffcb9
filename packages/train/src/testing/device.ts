/** Where tests train: the CPU, or what DEVICE names (scripts/gpu-check.sh). */
export const DEVICE = process.env.DEVICE ?? 'cpu'
