import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.util.List;

/**
 * Serves an in-memory H2 backend on 127.0.0.1 and the port given (0: any), prints the port, and ends when its
 * standard input does, so that it never outlives the test run that started it.
 */
public final class WireServer {
  /** What the real driver must be told to accept this server: MongoDB 5.0.0, wire version 13. */
  private static final MongoVersion FIVE =
      new MongoVersion() {
        @Override
        public List<Integer> getVersionArray() {
          return List.of(5, 0, 0, 0);
        }

        @Override
        public int getWireVersion() {
          return 13;
        }
      };

  public static void main(String[] arguments) throws Exception {
    H2Backend backend = H2Backend.inMemory();
    backend.version(FIVE);
    MongoServer server = new MongoServer(backend);
    server.bind("127.0.0.1", arguments.length > 0 ? Integer.parseInt(arguments[0]) : 0);
    System.out.println("listening on " + server.getLocalAddress().getPort());
    while (System.in.read() != -1) {
      // Nothing is said on standard input; only its end matters.
    }
    server.shutdownNow();
    System.exit(0);
  }
}
