// What isn't HTTP never reaches the application: the answer is written to the socket as it stands.
import type { Socket } from 'node:net';
import { problemDetails, problemMediaType } from './problem-answer.js';
import { serverErrors } from './server-errors.js';

function toError(code: string | undefined) {
  if (code === 'HPE_HEADER_OVERFLOW')
    return serverErrors.error('headers-too-large', 'the headers are too large');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return serverErrors.error('request-timeout', 'the request did not arrive in time');
  }
  return serverErrors.error('malformed-request', 'this is not a well-formed HTTP/1.1 request');
}

/**
 * For the server's `clientError` event.
 *
 * @param begun whether an earlier answer on this socket is half sent: a second one would be read as its rest
 */
export function answerMalformedHttp(error: NodeJS.ErrnoException, socket: Socket, begun = false): void {
  if (error.code === 'ECONNRESET' || !socket.writable || begun) {
    socket.destroy();
    return;
  }
  const answer = toError(error.code);
  const body = JSON.stringify(problemDetails(answer, 'none'));
  socket.end(
    [
      `HTTP/1.1 ${answer.status} ${answer.entry.title}`,
      `Content-Type: ${problemMediaType}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(),
  );
}
