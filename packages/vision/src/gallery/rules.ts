import { argumentRules } from './arguments.js'
import { consentRules } from './consent.js'
import { faceRules } from './face.js'
import { headerRules } from './header.js'
import { heldRules } from './held.js'
import { identifyRules } from './identify.js'
import { metadataRules } from './metadata.js'
import { missingRules } from './missing.js'
import { modelRules } from './model.js'
import { nameRules } from './names.js'
import { parseRules } from './parse.js'
import { personRules } from './person.js'
import type { GalleryRefusal } from './refuse.js'
import { sweepRules } from './sweep.js'

/** What every gallery holds people, faces, models and exports to, with the errors of the room that keeps it. */
export function galleryRules(refuse: GalleryRefusal) {
  const ofArguments = argumentRules(refuse)
  const names = nameRules(refuse, ofArguments)
  const metadata = metadataRules(refuse)
  const consent = consentRules(refuse, ofArguments, names)
  const people = personRules(ofArguments, names, metadata, consent)
  const faces = faceRules(refuse, ofArguments, names, people)
  const identify = identifyRules(refuse, ofArguments, names)
  return {
    ...ofArguments,
    ...names,
    ...metadata,
    ...consent,
    ...sweepRules(refuse, ofArguments),
    ...people,
    ...faces,
    ...modelRules(refuse),
    ...headerRules(refuse),
    ...parseRules(refuse, metadata, consent, faces),
    ...identify,
    ...heldRules(identify),
    ...missingRules(refuse),
  }
}
