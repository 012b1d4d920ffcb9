import type { Size, View } from './view.js'

/** What is to be seen. */
export interface Drawing {
  readonly view: View
  readonly size: Size
  /** Pixels of the screen a CSS pixel. */
  readonly ratio: number
  /** Of a point, CSS pixels. */
  readonly diameter: number
}

const VERTEX = `#version 300 es
in vec2 place;
in vec4 colour;
uniform vec2 middle;
uniform vec2 scale;
uniform float diameter;
out vec4 shade;
void main() {
  gl_Position = vec4((place - middle) * scale, 0, 1);
  gl_PointSize = diameter;
  shade = colour;
}`

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 shade;
out vec4 result;
void main() {
  vec2 from = gl_PointCoord - 0.5;
  if (dot(from, from) > 0.25) discard;
  result = shade;
}`

/** Milliseconds that a part takes, about. */
const PART = 12
const LEAST = 2000

/** Points as discs: all at once on a graphics card, elsewhere a part a frame, so that no frame takes long. */
export class Scatter {
  readonly #gl: WebGL2RenderingContext
  readonly #program: WebGLProgram
  readonly #places: WebGLBuffer
  readonly #colours: WebGLBuffer
  #count = 0
  /** What a point takes, about, in milliseconds; at first as without a graphics card. */
  #cost = 1e-3

  /** @throws TypeError where there is no WebGL 2 */
  constructor(private readonly canvas: OffscreenCanvas) {
    const gl = canvas.getContext('webgl2', {
      antialias: false,
      preserveDrawingBuffer: true,
    })
    if (!gl) throw new TypeError('no WebGL 2')
    this.#gl = gl
    this.#program = gl.createProgram()
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ] as const) {
      const shader = gl.createShader(type)!
      gl.shaderSource(shader, source)
      gl.compileShader(shader)
      gl.attachShader(this.#program, shader)
    }
    gl.linkProgram(this.#program)
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's, no hook of React
    gl.useProgram(this.#program)
    this.#places = this.#attribute('place', 2, gl.FLOAT)
    this.#colours = this.#attribute('colour', 4, gl.UNSIGNED_BYTE)
  }

  #attribute(name: string, size: number, type: number): WebGLBuffer {
    const gl = this.#gl
    const buffer = gl.createBuffer()
    const at = gl.getAttribLocation(this.#program, name)
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer)
    gl.enableVertexAttribArray(at)
    gl.vertexAttribPointer(at, size, type, type === gl.UNSIGNED_BYTE, 0, 0)
    return buffer
  }

  /** @param places rows of two numbers @param colours rows of red, green, blue and opacity */
  setPoints(places: Float32Array<ArrayBuffer>, colours: Uint8Array<ArrayBuffer>): void {
    const gl = this.#gl
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#places)
    gl.bufferData(gl.ARRAY_BUFFER, places, gl.STATIC_DRAW)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#colours)
    gl.bufferData(gl.ARRAY_BUFFER, colours, gl.STATIC_DRAW)
    this.#count = places.length / 2
  }

  /**
   * Draws a part of the points over what was drawn before; the first part over nothing.
   * @param from where the part begins @returns where the next one does; undefined after the last
   */
  draw(drawing: Drawing, from: number): number | undefined {
    const gl = this.#gl
    const began = performance.now()
    if (from === 0) this.#begin(drawing)
    const count = Math.min(this.#count - from, Math.max(LEAST, Math.floor(PART / this.#cost)))
    gl.drawArrays(gl.POINTS, from, count)
    // Only what has been drawn can be timed.
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4))
    this.#cost = (performance.now() - began) / Math.max(1, count)
    return from + count < this.#count ? from + count : undefined
  }

  #begin({ view, size: { width, height }, ratio, diameter }: Drawing): void {
    const gl = this.#gl
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w
      this.canvas.height = h
    }
    gl.viewport(0, 0, w, h)
    const uniform = (name: string) => gl.getUniformLocation(this.#program, name)
    gl.uniform2f(uniform('middle'), view.x, view.y)
    gl.uniform2f(uniform('scale'), (2 * view.scale) / width, (2 * view.scale) / height)
    gl.uniform1f(uniform('diameter'), diameter * ratio)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
  }
}
