import { basename, join } from 'node:path'
import { copyWhole, makeFolder, writeWhole } from '@arcface/files'
import { MANIFEST, type Manifest, type Pack } from '@arcface/vision'
import { type InstalledPack, manifestText, partPath } from './installed.js'

/**
 * Lays an installed pack into a folder, which may be new: its files and the `pack.json` that describes them, as
 * @arcface/browser opens it from beside a page. Each is written whole, the description last; other files there stay. Where on
 * this computer a pack of one's own came from is left out: the folder is for others to see.
 * @throws FilesError FILES_READ, FILES_WRITE, FILES_DISK_FULL
 */
export async function copyPack(installed: InstalledPack, folder: string): Promise<void> {
  makeFolder(folder)
  const files: Manifest['files'] = {}
  for (const [name, { size, sha512 }] of Object.entries(installed.files)) {
    await copyWhole(partPath(installed, name), join(folder, name))
    // When the file in the cache last changed says nothing of a copy.
    files[name] = { size, sha512 }
  }
  writeWhole(join(folder, MANIFEST), manifestText({ pack: withoutFolders(installed.pack), files }))
}

const withoutFolders = (pack: Pack): Pack => ({
  ...pack,
  licence: {
    ...pack.licence,
    url: pack.licence.url.replace(/^file:.*\//, 'file:///'),
  },
  downloads: pack.downloads.map((download) => ({
    ...download,
    sources: download.sources.map((source) =>
      source.kind === 'file' ? { ...source, path: basename(source.path) } : source,
    ),
  })),
})
