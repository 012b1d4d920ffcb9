import { InputFile } from '../read/read.js'
import { checkSize, refuse, type Wanted, writeMember } from './member.js'
import { ZipArchive } from './zip-archive.js'

/**
 * Takes named files out of a zip, whatever folder they lie in.
 * @throws FilesError FILES_ARCHIVE: damaged, a wanted member missing or there twice, a link, encrypted, of a
 *   wrong size or checksum; FILES_READ, FILES_WRITE, FILES_DISK_FULL
 */
export async function extractZip(path: string, wanted: readonly Wanted[]): Promise<void> {
  using file = new InputFile(path)
  const archive = new ZipArchive(file, (why, cause) => refuse(path, why, cause))
  for (const one of wanted) {
    const [name, ...others] = archive.names.filter((name) => `/${name}`.endsWith(`/${one.member}`))
    if (name === undefined) throw refuse(path, `it holds no ${one.member}`)
    if (others.length > 0) throw refuse(path, `it holds several ${one.member}`)
    const size = archive.sizeOf(name)
    checkSize(path, one, size)
    await writeMember(path, one, size, archive.unpack(name))
  }
}
