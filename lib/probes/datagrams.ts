import { createSocket } from 'node:dgram';
import { Duplex } from 'node:stream';

/** A UDP socket that talks to one peer alone, as a stream: each write and each `data` is a datagram. */
export function openDatagrams(address: string, port: number): Duplex {
  const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const stream = new Duplex({
    readableObjectMode: true,
    read() {},
    write(datagram: Buffer, _encoding, done) {
      udp.send(datagram, done);
    },
    // Before it is connected, a send waits for it.
    construct(done) {
      udp.once('error', done);
      udp.connect(port, address, () => {
        udp.off('error', done);
        udp.on('error', (error) => stream.destroy(error));
        done();
      });
    },
    destroy(error, done) {
      udp.close(() => done(error));
    },
  });
  // Whoever listens reads on; a connected socket takes datagrams of its peer alone (connect(2)).
  udp.on('message', (datagram) => stream.push(datagram));
  return stream;
}
