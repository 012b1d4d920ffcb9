/** A face that may be among the most similar ones of a probe. */
export interface Candidate {
  readonly person: string
  readonly slot: number
  /** What is known of its similarity, which is between these: of some it is known. */
  readonly least: number
  readonly most: number
}

/** The people with the most similar faces so far, of one probe. */
export class Best {
  /** Of people: the greatest similarity that one of the faces has for sure. */
  private readonly leasts = new Map<string, number>()
  private candidates: Candidate[] = []
  private room = 64

  constructor(
    private readonly top: number,
    /** Who is below is not among them. */
    public floor: number,
  ) {}

  add(person: string, slot: number, least: number, most: number): void {
    if (!(most >= this.floor)) return
    const before = this.leasts.get(person)
    // Another face of the same person is at least as similar.
    if (before !== undefined && before >= most) return
    if (before === undefined || least > before) this.leasts.set(person, least)
    this.candidates.push({ person, slot, least, most })
    // Sorted only now and then: it costs little for each face, however many people are wanted.
    if (this.leasts.size >= 2 * this.top + 16) this.raise()
    if (this.candidates.length >= this.room) {
      this.candidates = this.candidates.filter((one) => this.isPossible(one))
      this.room = Math.max(64, 2 * this.candidates.length)
    }
  }

  /** Those that may be among the best, the most promising first. */
  possible(): Candidate[] {
    this.raise()
    return this.candidates.filter((one) => this.isPossible(one)).sort((a, b) => b.most - a.most)
  }

  private raise(): void {
    if (this.leasts.size < this.top) return
    const people = [...this.leasts].sort((a, b) => b[1] - a[1]).slice(0, this.top)
    this.leasts.clear()
    for (const [person, least] of people) this.leasts.set(person, least)
    this.floor = Math.max(this.floor, people.at(-1)![1])
  }

  private isPossible({ person, most }: Candidate): boolean {
    return most >= this.floor && most >= (this.leasts.get(person) ?? this.floor)
  }
}
