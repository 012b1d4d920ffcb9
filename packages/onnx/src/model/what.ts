/**
 * What a file is that was taken for another, by its first bytes, and what to do; nothing for what may be what it should.
 * Downloads bring these: pages of a login or an error, pointers of Git LFS, archives that nobody unpacked.
 */
export function whatIsIt(bytes: Uint8Array): string | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, 512))
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
  if (/^version https:\/\/git-lfs\.github\.com\/spec\//.test(text))
    return 'a pointer of Git LFS, not the file itself: run "git lfs pull" where it is from'
  if (/^<(!doctype html|html|head|body|\?xml|!--)/i.test(text))
    return 'a web page, perhaps of a login or an error: open its address in a browser and take the file that is meant'
  if (text.startsWith('{"error"') || text.startsWith('{"message"'))
    return `the error of a server: ${text.slice(0, 80)}`
  return kinds.find(([magic]) => text.startsWith(magic))?.[1]
}

const kinds: readonly (readonly [magic: string, what: string])[] = [
  ['\x1f\x8b', 'a gzip archive: unpack it first'],
  ["7z\xbc\xaf'\x1c", 'a 7z archive: unpack it first'],
  ['Rar!', 'a RAR archive: unpack it first'],
  ['BZh', 'a bzip2 archive: unpack it first'],
  ['%PDF-', 'a PDF document'],
  ['\x89PNG', 'a picture'],
  ['\xff\xd8\xff', 'a picture'],
]
