import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, data, type Schema } from '../../../api/client.js'
import { faceAddress } from '../../../faces/address.js'
import { Basis } from '../../../faces/verdict.js'
import { useNumbers, useWords } from '../../../language/language.js'
import { useMay } from '../../../session/session.js'
import { Button } from '../../../ui/button.js'
import { CheckField } from '../../../ui/field.js'
import { Tag } from '../../../ui/page.js'
import { Picture } from '../../../ui/picture.js'
import { Empty, Loaded, Problem } from '../../../ui/problem.js'
import { words } from '../words.js'
import { NotThisPerson } from './not-this-person.js'

const PAGE = 200

/** All faces of somebody, to be looked through, and those of somebody else to be given away. */
export function Faces({ gallery, person }: { gallery: string; person: Schema<'Person'> }) {
  const t = useWords(words)
  const may = useMay()
  const { count, fixed, date } = useNumbers()
  const path = { gallery, person: person.name }
  const query = useInfiniteQuery({
    queryKey: ['faces', gallery, person.name],
    queryFn: ({ pageParam }) => {
      const query = { limit: PAGE, ...(pageParam !== '' && { after: pageParam }) }
      const url = '/v1/galleries/{gallery}/people/{person}/faces'
      return data(api.GET(url, { params: { path, query } }))
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  })
  const [isReviewed, setReviewed] = useState(false)
  const review = useQuery({
    queryKey: ['faces', gallery, person.name, 'review'],
    queryFn: () => {
      const url = '/v1/galleries/{gallery}/people/{person}/review'
      return data(api.GET(url, { params: { path } }))
    },
    enabled: isReviewed,
  })
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [isGiving, setGiving] = useState(false)
  const choose = (id: string, is: boolean) => {
    const next = new Set(chosen)
    if (is) next.add(id)
    else next.delete(id)
    setChosen(next)
  }
  const judged = new Map(review.data?.faces.map((one) => [one.face, one]))
  const fitOf = ({ id }: Schema<'StoredFace'>) => judged.get(id)?.own?.similarity ?? 2
  const mayChoose = may('enroll') || may('delete')
  return (
    <section className="stack" aria-label={t.faces}>
      <div className="row">
        <h2 className="grow">{t.facesOf(count(person.faces))}</h2>
        {may('identify') && person.faces > 0 && !isReviewed && (
          <Button onClick={() => setReviewed(true)}>{t.review}</Button>
        )}
        {mayChoose && chosen.size > 0 && (
          <>
            <span role="status">{t.chosen(count(chosen.size))}</span>
            <Button onClick={() => setGiving(true)}>{t.notThisPerson}</Button>
          </>
        )}
      </div>
      {isReviewed && (
        <Loaded query={review}>
          {(decision) => (
            <div>
              <p>{t.checked}</p>
              <Basis decision={decision} />
            </div>
          )}
        </Loaded>
      )}
      <Loaded query={query}>
        {({ pages }) => {
          const faces = pages.flatMap((page) => page.faces)
          if (faces.length === 0) return <Empty>{t.noFaces}</Empty>
          const shown = [...faces].sort((a, b) => fitOf(a) - fitOf(b))
          return (
            <ul className="face-grid plain">
              {shown.map((face, i) => {
                const found = judged.get(face.id)
                const label = `${face.source ?? date(face.added)}`
                return (
                  <li key={face.id} className="face-tile" data-chosen={chosen.has(face.id)}>
                    <Picture src={faceAddress(gallery, face.id)} alt={label} />
                    <bdi>{label}</bdi>
                    {found && (
                      <span className="numbers">
                        {found.own?.similarity === undefined
                          ? t.only
                          : t.fit(fixed(found.own.similarity, 2))}
                      </span>
                    )}
                    {found?.alike && (
                      <Tag kind="warn">
                        <bdi>
                          {t.alikeOther(found.alike.person, fixed(found.alike.similarity ?? 0, 2))}
                        </bdi>
                      </Tag>
                    )}
                    {mayChoose && (
                      <CheckField
                        label={
                          <>
                            {t.choose}
                            <span className="hidden-text"> {count(i + 1)}</span>
                          </>
                        }
                        value={chosen.has(face.id)}
                        onChange={(is) => choose(face.id, is)}
                      />
                    )}
                  </li>
                )
              })}
            </ul>
          )
        }}
      </Loaded>
      {query.isFetchNextPageError && <Problem error={query.error} />}
      {query.hasNextPage && (
        <div>
          <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t.more}
          </Button>
        </div>
      )}
      {isGiving && (
        <NotThisPerson
          {...{ gallery, person }}
          faces={[...chosen]}
          alike={[...chosen].map((id) => judged.get(id)?.alike?.person).find(Boolean)}
          onClose={() => setGiving(false)}
          onDone={() => setChosen(new Set())}
        />
      )}
    </section>
  )
}
