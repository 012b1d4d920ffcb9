import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { zipOf } from './zip.js'

it('is a zip that others read: Python names what is in it, and finds each sum right', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zip-'))
  try {
    const members = [
      { name: 'Ada/1.jpg', file: new Blob([Uint8Array.from({ length: 5000 }, (_, i) => i)]) },
      { name: '山田/עדה.png', file: new Blob(['x']) },
      { name: 'empty', file: new Blob([]) },
    ]
    const path = join(folder, 'a.zip')
    const zip = await zipOf(members)
    expect(zip.type).toBe('application/zip')
    writeFileSync(path, new Uint8Array(await zip.arrayBuffer()))
    const program = `import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps([[i.filename, i.file_size, z.read(i).hex()] for i in z.infolist()]))`
    const told = execFileSync('python3', ['-c', program, path], { encoding: 'utf8' })
    const expected = await Promise.all(
      members.map(async ({ name, file }) => [
        name,
        file.size,
        Buffer.from(await file.arrayBuffer()).toString('hex'),
      ]),
    )
    expect(JSON.parse(told)).toEqual(expected)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
