import type { Download } from './pack.js'

/** Bytes that tell; a page of HTML or an answer in JSON has none of these. */
const SIGNATURES = { tgz: [0x1f, 0x8b], zip: [0x50, 0x4b] } as const
const NAMES = { tgz: 'gzip', zip: 'zip', onnx: 'ONNX file' } as const

/**
 * Whether a download may begin so. Pages of login, of a proxy or of an error come with status 200, too.
 * @returns what is wrong, undefined where nothing is
 */
export function wrongBeginning(format: Download['format'], head: Uint8Array): string | undefined {
  if (head.length === 0) return undefined
  const fits =
    format === 'onnx'
      ? !/^\s*[<{]|^version https:\/\/git-lfs/.test(latin1(head.subarray(0, 64)))
      : SIGNATURES[format].every((byte, i) => i >= head.length || head[i] === byte)
  if (fits) return undefined
  const shown = JSON.stringify(latin1(head.subarray(0, 40)))
  return `what comes is no ${NAMES[format]}, it begins with ${shown}`
}

/** A character a byte. */
const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
