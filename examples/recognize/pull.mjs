// Installs the default models without the command line, as `arcface models pull` does: node pull.mjs
import { DEFAULT_PACK, findPack, pullPack } from '@arcface/recognize'

const { folder, pack } = await pullPack(findPack(DEFAULT_PACK)) // downloads once, checks each time
console.log(pack.title, folder)
