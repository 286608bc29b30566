/* A software V4L2 webcam for tests: an LD_PRELOAD library that answers for one device node as a USB camera
   would, so that Qt's real QCamera path (enumerate, stream, unplug, stall, busy) runs without hardware or a
   kernel driver. camera.py beside this file builds and starts it.

   Environment: SOFTCAM_DEVICE  the node it answers for, such as /dev/video7; all others stay what they are
                SOFTCAM_RAW     file of packed YUYV 4:2:2 frames of 640 x 360, looped (other sizes are black)
                SOFTCAM_NAME    the card's name
                SOFTCAM_CTL     path of a control file, read at every call; its first byte:
                                'U' unplugged (every call fails with ENODEV)
                                'S' stalled (streaming, but no frame ever arrives)
                                'B' busy (another program holds it: S_FMT and STREAMON fail with EBUSY)
                                anything else, or no file: works. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MAX_FD 4096
#define MAX_BUFFERS 32
#define OFFSET_STEP 0x10000000u

static char ours[MAX_FD];
/* As cheap cameras have them: the larger, the slower. */
static const struct { int width, height, fps; } modes[] = {
    {1920, 1080, 5}, {1280, 720, 10}, {640, 360, 30}, {320, 180, 30}};
#define N_MODES (int)(sizeof modes / sizeof *modes)
static int mode = 2, ready;
#define WIDTH modes[mode].width
#define HEIGHT modes[mode].height
#define FPS modes[mode].fps
#define RAW_MODE 2

static uint8_t *raw;
static size_t raw_len;
static long frame_index;
static unsigned sequence, memory_type;
static int n_buffers;
static struct { void *data; int queued; } buffers[MAX_BUFFERS];

static int (*real_open)(const char *, int, ...), (*real_open64)(const char *, int, ...);
static int (*real_ioctl)(int, unsigned long, ...), (*real_close)(int);
static void *(*real_mmap)(void *, size_t, int, int, int, off_t);

static void init(void) {
  if (ready) return;
  ready = 1;
  real_open = dlsym(RTLD_NEXT, "open");
  real_open64 = dlsym(RTLD_NEXT, "open64");
  real_ioctl = dlsym(RTLD_NEXT, "ioctl");
  real_close = dlsym(RTLD_NEXT, "close");
  real_mmap = dlsym(RTLD_NEXT, "mmap");
  const char *path = getenv("SOFTCAM_RAW");
  if (path) {
    struct stat st;
    int fd = real_open(path, O_RDONLY);
    if (fd >= 0 && !fstat(fd, &st)) {
      raw_len = st.st_size;
      raw = real_mmap(0, raw_len, PROT_READ, MAP_PRIVATE, fd, 0);
      real_close(fd);
    }
  }
}

static char control(void) {
  const char *path = getenv("SOFTCAM_CTL");
  char c = 0;
  if (!path) return 0;
  int fd = real_open(path, O_RDONLY);
  if (fd < 0) return 0;
  if (read(fd, &c, 1) < 1) c = 0;
  real_close(fd);
  return c;
}

static int is_camera(const char *path) { 
  const char *device = getenv("SOFTCAM_DEVICE");
  return path && device && !strcmp(path, device);
 }
static int is_ours(int fd) { return fd >= 0 && fd < MAX_FD && ours[fd]; }

static int open_camera(void) {
  if (control() == 'U') { errno = ENODEV; return -1; }
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd >= 0 && fd < MAX_FD) ours[fd] = 1;
  return fd;
}

#define OPEN_BODY(real)                                                        \
  init();                                                                      \
  mode_t permissions = 0;                                                             \
  if (flags & (O_CREAT | O_TMPFILE)) {                                         \
    va_list a; va_start(a, flags); permissions = va_arg(a, int); va_end(a);           \
  }                                                                            \
  return is_camera(path) ? open_camera() : real(path, flags, permissions);

int open(const char *path, int flags, ...) { OPEN_BODY(real_open) }
int open64(const char *path, int flags, ...) { OPEN_BODY(real_open64) }

int close(int fd) {
  init();
  if (is_ours(fd)) ours[fd] = 0;
  return real_close(fd);
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off) {
  init();
  if (is_ours(fd)) return buffers[off / OFFSET_STEP].data;
  return real_mmap(addr, len, prot, flags, fd, off);
}
void *mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t off) {
  return mmap(addr, len, prot, flags, fd, off);
}

static int set_timer(int fd, long ns) {
  struct itimerspec it = {{0, ns}, {0, ns}};
  return timerfd_settime(fd, 0, &it, 0);
}

static int fail(int code) { errno = code; return -1; }

static int dequeue(int fd, struct v4l2_buffer *b, size_t size) {
  uint64_t ticks;
  if (read(fd, &ticks, sizeof ticks) != sizeof ticks || control() == 'S') return fail(EAGAIN);
  for (int i = 0; i < n_buffers; i++) {
    if (!buffers[i].queued) continue;
    buffers[i].queued = 0;
    if (raw && mode == RAW_MODE) memcpy(buffers[i].data, raw + (frame_index % (raw_len / size)) * size, size);
    frame_index++;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    b->index = i; b->bytesused = b->length = size; b->memory = memory_type;
    b->flags = 0; b->field = V4L2_FIELD_NONE; b->sequence = sequence++;
    if (memory_type == V4L2_MEMORY_USERPTR) b->m.userptr = (unsigned long)buffers[i].data;
    b->timestamp.tv_sec = now.tv_sec; b->timestamp.tv_usec = now.tv_nsec / 1000;
    return 0;
  }
  return fail(EAGAIN);
}

static int mode_of(int w, int h) {
  for (int i = 0; i < N_MODES; i++) if (modes[i].width == w && modes[i].height == h) return i;
  return -1;
}

static int answer(int fd, unsigned long request, void *arg) {
  char state = control();
  if ((request & 0xffffffffUL) == VIDIOC_S_FMT && state != 'B') {
    struct v4l2_pix_format *p = &((struct v4l2_format *)arg)->fmt.pix;
    int wanted = mode_of(p->width, p->height);
    if (wanted >= 0) mode = wanted;
  }
  size_t size = (size_t)WIDTH * HEIGHT * 2;
  if (state == 'U') return fail(ENODEV);
  switch (request & 0xffffffffUL) {
  case VIDIOC_QUERYCAP: {
    struct v4l2_capability *c = arg;
    const char *name = getenv("SOFTCAM_NAME");
    memset(c, 0, sizeof *c);
    strcpy((char *)c->driver, "uvcvideo");
    snprintf((char *)c->card, sizeof c->card, "%s", name ? name : "Software Webcam");
    strcpy((char *)c->bus_info, "usb-softcam");
    c->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    c->capabilities = c->device_caps | V4L2_CAP_DEVICE_CAPS;
    return 0;
  }
  case VIDIOC_ENUM_FMT: {
    struct v4l2_fmtdesc *f = arg;
    if (f->index) return fail(EINVAL);
    f->flags = 0; f->pixelformat = V4L2_PIX_FMT_YUYV;
    strcpy((char *)f->description, "YUYV 4:2:2");
    return 0;
  }
  case VIDIOC_ENUM_FRAMESIZES: {
    struct v4l2_frmsizeenum *f = arg;
    if (f->index >= N_MODES) return fail(EINVAL);
    f->type = V4L2_FRMSIZE_TYPE_DISCRETE;
    f->discrete.width = modes[f->index].width; f->discrete.height = modes[f->index].height;
    return 0;
  }
  case VIDIOC_ENUM_FRAMEINTERVALS: {
    struct v4l2_frmivalenum *f = arg;
    int of = mode_of(f->width, f->height);
    if (f->index || of < 0) return fail(EINVAL);
    f->type = V4L2_FRMIVAL_TYPE_DISCRETE; f->discrete.numerator = 1; f->discrete.denominator = modes[of].fps;
    return 0;
  }
  case VIDIOC_S_FMT:
    if (state == 'B') return fail(EBUSY); /* fall through */
  case VIDIOC_G_FMT: case VIDIOC_TRY_FMT: {
    struct v4l2_pix_format *p = &((struct v4l2_format *)arg)->fmt.pix;
    p->width = WIDTH; p->height = HEIGHT; p->pixelformat = V4L2_PIX_FMT_YUYV;
    p->field = V4L2_FIELD_NONE; p->bytesperline = WIDTH * 2; p->sizeimage = size;
    p->colorspace = V4L2_COLORSPACE_SRGB;
    return 0;
  }
  case VIDIOC_G_PARM: case VIDIOC_S_PARM: {
    struct v4l2_captureparm *p = &((struct v4l2_streamparm *)arg)->parm.capture;
    p->capability = V4L2_CAP_TIMEPERFRAME; p->timeperframe.numerator = 1; p->timeperframe.denominator = FPS;
    return 0;
  }
  case VIDIOC_REQBUFS: {
    struct v4l2_requestbuffers *r = arg;
    if (r->count > MAX_BUFFERS) r->count = MAX_BUFFERS;
    n_buffers = r->count; memory_type = r->memory;
    for (int i = 0; i < n_buffers; i++) {
      buffers[i].queued = 0;
      if (memory_type == V4L2_MEMORY_MMAP) buffers[i].data = calloc(1, size);
    }
    return 0;
  }
  case VIDIOC_QUERYBUF: {
    struct v4l2_buffer *b = arg;
    b->length = size; b->m.offset = b->index * OFFSET_STEP;
    return 0;
  }
  case VIDIOC_QBUF: {
    struct v4l2_buffer *b = arg;
    if (b->index >= (unsigned)n_buffers) return fail(EINVAL);
    if (memory_type == V4L2_MEMORY_USERPTR) buffers[b->index].data = (void *)b->m.userptr;
    buffers[b->index].queued = 1;
    return 0;
  }
  case VIDIOC_DQBUF: return dequeue(fd, arg, size);
  case VIDIOC_STREAMON: return state == 'B' ? fail(EBUSY) : set_timer(fd, 1000000000L / FPS);
  case VIDIOC_STREAMOFF: return set_timer(fd, 0);
  }
  return fail(EINVAL);
}

int ioctl(int fd, unsigned long request, ...) {
  init();
  va_list a;
  va_start(a, request);
  void *arg = va_arg(a, void *);
  va_end(a);
  return is_ours(fd) ? answer(fd, request, arg) : real_ioctl(fd, request, arg);
}
