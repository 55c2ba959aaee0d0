"""Runs a command in a terminal of its own, types what is asked for, and tells all it has printed.

argv: columns, rows, JSON of [[what to wait for, what to type], ...], command...
What is waited for is a text, or "@" and a directory that something appears in.
stdout: JSON {"status", "signal", "out"}"""
import fcntl, json, os, pty, select, struct, sys, termios, time

columns, rows, typed, command = int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]), sys.argv[4:]
ready, begin = os.pipe()
pid, terminal = pty.fork()
if pid == 0:
    os.read(ready, 1)
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
os.write(begin, b'!')
out, ends = b'', time.monotonic() + 50
while time.monotonic() < ends:
    if select.select([terminal], [], [], 0.05)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    if typed and (os.listdir(typed[0][0][1:]) if typed[0][0][:1] == '@' else typed[0][0].encode() in out):
        os.write(terminal, typed.pop(0)[1].encode())
else:
    os.kill(pid, 9)
_, status = os.waitpid(pid, 0)
ended = {'status': os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
         'signal': os.WTERMSIG(status) if os.WIFSIGNALED(status) else None}
print(json.dumps({**ended, 'out': out.decode('utf-8', 'replace')}))
