import { visibleName } from './names.js'
import type { GalleryRefusal } from './refuse.js'

/** What every gallery answers about who and what is not there, or is there already. @param where of which gallery */
export const missingRules = (refuse: GalleryRefusal) => ({
  noPerson: (where: string, name: string) =>
    refuse('PERSON', `${where}: nobody is called ${JSON.stringify(visibleName(name))}`),

  noFace: (where: string, id: string) =>
    refuse('FACE', `${where}: no face has the id ${JSON.stringify(id.slice(0, 80))}`, {
      hint: '`faces` of a person names their ids.',
    }),

  faceless: (name: string) =>
    refuse('PERSON', `${JSON.stringify(name)} has no face to compare with`),

  taken: (where: string, name: string, to: string) =>
    refuse('PERSON_EXISTS', `${where}: ${to} is there already; merge ${name} into it`),

  samePerson: (name: string, into: string) =>
    refuse('PERSON_EXISTS', `${name} and ${into} are the same person`),
})
