package main

import (
	"errors"
	"net"
)

// notify tells the service manager how the daemon stands, as sd_notify(3) does: in a
// datagram to the socket that it has named. Where nobody has, nobody asked.
func (h *house) notify(e *env, state string) {
	name := e.getenv("NOTIFY_SOCKET")
	if name == "" {
		return
	}
	socket, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err == nil {
		_, err = socket.Write([]byte(state))
		err = errors.Join(err, socket.Close())
	}
	if err != nil {
		h.Log.Warn("the service manager was not told", "state", state, "err", err)
	}
}
