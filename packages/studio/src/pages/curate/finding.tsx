import type { Finding, PlacedImage, SuspectsFile } from '@arcface/evaluate'
import type { ReactNode } from 'react'
import { useNumbers, useWords } from '../../language/language.js'
import { Facts, Tag } from '../../ui/page.js'
import { Picture, pictureOf } from '../../ui/picture.js'
import { suggestionOf } from './queue.js'
import { words } from './words.js'

/** Pictures of a finding or a person that are shown at most. */
const SHOWN = 12

/** A finding with the pictures that it takes to decide. */
export function FindingView({
  finding,
  examples,
  place,
  decision,
  isDecided,
}: {
  finding: Finding
  examples: SuspectsFile['examples']
  place: string
  decision: string
  isDecided: boolean
}) {
  const t = useWords(words)
  return (
    <article className="card stack curate-finding" data-kind={finding.kind}>
      <header className="row">
        <Tag kind="warn">{t[`kind_${finding.kind}`]}</Tag>
        <span className="muted">{place}</span>
        <Tag kind={isDecided ? 'good' : undefined}>
          <bdi>{decision}</bdi>
        </Tag>
      </header>
      <p>
        {t.suggested}: <bdi>{useSuggestion(finding)}</bdi>
      </p>
      <Body finding={finding} examples={examples} />
      <p className="muted curate-path">
        <code>
          <bdi>{finding.images[0]!.path}</bdi>
        </code>
      </p>
    </article>
  )
}

function useSuggestion(finding: Finding): string {
  const t = useWords(words)
  const { count } = useNumbers()
  const { person } = suggestionOf(finding)
  switch (finding.kind) {
    case 'one-person':
      return t.suggestMerge(finding.people[1], finding.people[0])
    case 'overlap':
      return t.suggestDropPerson(finding.people[0])
    case 'copy':
    case 'copy-of-two':
      return t.suggestDropCopies(count(finding.images.length - 1))
    default:
      return person === undefined ? t.suggestDrop : t.suggestMove(person)
  }
}

function Body({ finding, examples }: { finding: Finding; examples: SuspectsFile['examples'] }) {
  const t = useWords(words)
  const { fixed, rate } = useNumbers()
  const degree = (value: number) => `${fixed(value, 0)}°`
  const of = (person: string) => examples.find((one) => one.person === person)?.images ?? []
  const [first] = finding.images
  switch (finding.kind) {
    case 'label': {
      const { degrees, likely } = finding
      return (
        <>
          <p>
            {likely
              ? t.degrees(degree(degrees), degree(likely.degrees))
              : t.degreesOnly(degree(degrees))}
          </p>
          <div className="curate-beside">
            <Large image={first!} />
            <Group title={t.filed} person={first!.person} images={of(first!.person)} />
            {likely && <Group title={t.likely} person={likely.person} images={of(likely.person)} />}
          </div>
        </>
      )
    }
    case 'one-person':
    case 'overlap': {
      const { people, across, within, images } = finding
      const split =
        finding.kind === 'overlap'
          ? images.length - finding.others
          : images.findIndex(({ person }) => person === people[1])
      const titles = finding.kind === 'overlap' ? [t.here, t.there] : [t.first, t.second]
      return (
        <>
          <p>{t.cosines(fixed(across, 2), fixed(within, 2))}</p>
          <div className="curate-beside">
            <Group title={titles[0]!} person={people[0]} images={images.slice(0, split)} />
            <Group title={titles[1]!} person={people[1]} images={images.slice(split)} />
          </div>
        </>
      )
    }
    case 'quality': {
      const names = finding.rejected.map((one) => t[one as 'blurred'] ?? one)
      return (
        <div className="curate-beside">
          <Large image={first!} />
          <Facts
            facts={[
              [t.kind_quality, names.join(', ')],
              [t.sharpness, fixed(finding.sharpness, 0)],
              [t.noise, fixed(finding.noise, 2)],
              [t.flat, rate(finding.flat)],
            ]}
          />
        </div>
      )
    }
    case 'unreadable':
      return (
        <div className="curate-beside">
          <Large image={first!} />
          <p>
            <bdi>{finding.reason}</bdi>
          </p>
        </div>
      )
    default:
      return (
        <>
          <p>{t.likeness(fixed(finding.likeness, 3))}</p>
          <Pictures
            images={finding.images}
            under={(image, i) => (
              <>
                {i === 0 && finding.kind !== 'shared-picture' && <Tag kind="good">{t.toKeep}</Tag>}
                <bdi>{image.person}</bdi>
              </>
            )}
          />
        </>
      )
  }
}

const Large = ({ image }: { image: PlacedImage }) => {
  const t = useWords(words)
  return <Picture src={pictureOf(image.path, 320)} alt={t.picture(image.person)} side="14rem" />
}

const Group = ({
  title,
  person,
  images,
}: {
  title: string
  person: string
  images: readonly PlacedImage[]
}) => (
  <div className="stack curate-group">
    <h2>
      {title} <bdi>{person}</bdi>
    </h2>
    <Pictures images={images} />
  </div>
)

function Pictures({
  images,
  under,
}: {
  images: readonly PlacedImage[]
  under?: (image: PlacedImage, i: number) => ReactNode
}) {
  const t = useWords(words)
  return (
    <ul className="curate-pictures">
      {images.slice(0, SHOWN).map((image, i) => (
        <li key={`${image.path} ${image.offset ?? ''}`}>
          <Picture src={pictureOf(image.path)} alt={t.picture(image.person)} />
          {under?.(image, i)}
        </li>
      ))}
    </ul>
  )
}
