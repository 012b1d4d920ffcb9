/** What the rooms' hints and warnings call by the names of functions and options, as somebody at a terminal types it. */
const TYPED: readonly (readonly [RegExp, string])[] = [
  [/`pullPack\(findPack\('(.+?)'\)\)`/g, 'arcface models pull $1'],
  [/`acceptLicence`/g, '--accept-licence'],
  [/`allowUnverified`/g, '--allow-unverified'],
  [/`from`/g, '--from FILE'],
  [/`maxPixels`/g, '--max-pixels'],
  [/`faces` of a person names their ids/g, 'arcface gallery show names those of a person'],
  [/Give a network of .+ as `landmarks`, or take/g, 'Take another pack, or'],
  [/`quality`/g, '--min-eyes, --min-sharpness, --min-grade, --any-quality'],
  [/`threshold`/g, '--threshold'],
  [/`liveness`/g, '--liveness'],
  [/`preprocessing`/g, '--mean, --std, --range and --bgr'],
  [/`prepareFolder`/g, 'arcface prepare <photographs> <faces>'],
  [/`minPeople`/g, '--min-people'],
  [/`columns`/g, '--column'],
  [/`writeOwnPairs`/g, 'arcface data pairs'],
  [/`writeFolders`/g, 'arcface data convert'],
  [/`exportRun`/g, 'arcface export'],
  [/`calibrate`/g, '--calibrate'],
  [/`minCosine`/g, '--min-cosine'],
  [/`measureThresholds`/g, 'arcface evaluate threshold'],
  [/`checkGallery`/g, 'arcface gallery check'],
  [/`exportReadable`/g, 'arcface gallery export --readable'],
  [/`encryptGallery`/g, 'arcface gallery encrypt'],
  [/`purge`/g, 'arcface gallery purge'],
  [/`trustClock`/g, '--trust-clock'],
  [/`buildAddon`/g, 'arcface setup train'],
  [/another launcher that sets it/g, 'arcface train --nproc'],
]

/** A hint or a warning of a room, in the words of the command line. */
export const typed = (text: string): string =>
  TYPED.reduce((said, [what, how]) => said.replace(what, how), text)
