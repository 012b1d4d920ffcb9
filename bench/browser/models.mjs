// The models that a page is given: those of the installed default pack, from its folder.
import { installedPack } from '@arcface/recognize'
import { DEFAULT_PACK } from '@arcface/vision'

export async function packFolder() {
  const pack = await installedPack(DEFAULT_PACK)
  if (pack === undefined) throw new Error(`arcface models pull ${DEFAULT_PACK}`)
  return pack.folder
}
