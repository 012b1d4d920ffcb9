import { useInAddress } from '../../api/place.js'
import { Galleries } from './galleries.js'
import { Gallery } from './gallery.js'
import '../../faces/faces.css'
import './people.css'
import { Person } from './person.js'

/** The galleries, one of them (`?gallery=`), or somebody of one (`&person=`). */
export default function People() {
  const [gallery] = useInAddress('gallery')
  const [person] = useInAddress('person')
  if (gallery === null) return <Galleries />
  if (person === null) return <Gallery key={gallery} gallery={gallery} />
  return <Person key={`${gallery}/${person}`} gallery={gallery} name={person} />
}
