package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
)

// Names reports whether a letter names somebody, in its head or in any part of its body,
// however it is encoded; whether a text does is asked of in. What cannot be read as a
// letter is looked at as it is.
func Names(letter []byte, in func(text string) bool) bool {
	texts := []string{string(letter)}
	if m, err := mail.ReadMessage(bytes.NewReader(letter)); err == nil {
		for _, values := range m.Header {
			for _, v := range values {
				if said, err := new(mime.WordDecoder).DecodeHeader(v); err == nil {
					texts = append(texts, said)
				}
			}
		}
		texts = append(texts, parts(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)...)
	}
	return slices.ContainsFunc(texts, in)
}

// parts are the texts of a body.
func parts(kind, encoding string, body io.Reader) (texts []string) {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	media, params, err := mime.ParseMediaType(kind)
	if err != nil || !strings.HasPrefix(media, "multipart/") {
		text, _ := io.ReadAll(body) // as far as it can be read
		return []string{string(text)}
	}
	for all := multipart.NewReader(body, params["boundary"]); ; {
		part, err := all.NextRawPart()
		if err != nil {
			return texts
		}
		texts = append(texts, parts(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)...)
	}
}
