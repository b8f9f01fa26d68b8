import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'

/** Of a plain connection so much is read at once; Node's own streams read 64 KB, each time into new memory. */
const blockBytes = 256 << 10

/** undici keeps views of headers until they are whole, and takes no more than this of them: pieces as short are copied. */
const copiedBytes = 16 << 10

/** Blocks of connections that have ended. */
const pool: Buffer[] = []
const pooledBlocks = 16

/**
 * Reads plain connections in large pieces into two blocks that take turns, instead of allocating for each read.
 *
 * Only for takers that copy what they keep. A block is filled anew only when nothing of it waits in the socket's stream any more;
 * where something does, because the reader paused in its middle, the connection goes on with other blocks.
 */
export function readAhead(build: typeof buildConnector, options: buildConnector.BuildOptions): buildConnector.connector {
  return (target, connected) => {
    let socket: Socket | undefined
    let current = pool.pop() ?? Buffer.allocUnsafeSlow(blockBytes)
    let other: Buffer | undefined
    const onread = {
      buffer: (): Buffer => current,
      callback(size: number, block: Uint8Array): boolean {
        const piece = Buffer.from(block.buffer, block.byteOffset, size)
        if (socket === undefined) return true
        if (size <= copiedBytes) return socket.push(Buffer.from(piece))
        const free = socket.readableLength === 0 ? other : undefined
        other = current
        current = free ?? pool.pop() ?? Buffer.allocUnsafeSlow(blockBytes)
        socket.push(piece)
        // One piece at a time: reading goes on when the stream asks for more.
        return false
      },
    }
    const connect = build({ ...options, onread } as buildConnector.BuildOptions)
    connect(target, (...[error, made]) => {
      // undici gives no second argument with an error, whatever its types say.
      if (error !== null) return connected(error, null)
      socket = made
      made.once('close', () => {
        if (made.readableLength > 0) return
        for (const block of [current, other]) if (block !== undefined && pool.length < pooledBlocks) pool.push(block)
      })
      connected(error, made)
    })
  }
}
