"""How a score adds up, drawn, from the frame to the softmax: in a dock, on a wide page, on paper."""
